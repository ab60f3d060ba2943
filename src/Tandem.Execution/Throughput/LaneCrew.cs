using Tandem.Planning;
using Tandem.Processors;

namespace Tandem.Execution.Throughput;

/// <summary>
/// The lanes of a session: for each a thread that takes inferences from the queue and runs them by the lane's plan. A lane that fails is left
/// out and its inference run by another; the last one changes to a local plan instead.
/// </summary>
internal sealed class LaneCrew : IDisposable
{
    private readonly Deployment _deployment;
    private readonly LocalDevice _device;
    private readonly Func<Plan, PlanExecutor> _start;
    private readonly Action<ProcessorFailedEventArgs> _report;
    private readonly Action _afterFirst;
    private readonly LaneQueue _queue;
    private readonly PlanExecutor[] _executors;
    private readonly Thread[] _threads;
    private readonly List<Task> _hanging = [];
    private readonly HashSet<string> _hung = [];
    private readonly Lock _gate = new();
    private int _isSettled;

    /// <summary>Starts the lanes.</summary>
    /// <param name="deployment">The network.</param>
    /// <param name="device">The processors.</param>
    /// <param name="plans">The plan of each lane.</param>
    /// <param name="start">Makes a plan ready to run.</param>
    /// <param name="report">Told once of each plan that failed, on that lane's thread.</param>
    /// <param name="afterFirst">Called once, after the first inference.</param>
    public LaneCrew(
        Deployment deployment,
        LocalDevice device,
        IReadOnlyList<Plan> plans,
        Func<Plan, PlanExecutor> start,
        Action<ProcessorFailedEventArgs> report,
        Action afterFirst)
    {
        (_deployment, _device, _start, _report, _afterFirst) = (deployment, device, start, report, afterFirst);
        _queue = new LaneQueue([.. plans.Select(plan => plan.PredictedMs)]);
        _executors = StartAll(plans);
        _threads = [.. plans.Select((plan, lane) => new Thread(() => Serve(lane)) { IsBackground = true, Name = $"tandem lane {plan.Policy}" })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>The plans in use, and how many inferences each lane has ended.</summary>
    public IReadOnlyList<ThroughputLane> Lanes =>
        [.. _executors.Select((_, lane) => lane).Where(_queue.IsUp).Select(lane => new ThroughputLane(_executors[lane].Plan, _queue.Ended(lane)))];

    /// <summary>Tasks that end when what processors that hang still use is freed; complete after <see cref="Dispose"/>.</summary>
    public IReadOnlyList<Task> Hanging
    {
        get { lock (_gate) { return [.. _hanging.Where(freed => !freed.IsCompleted)]; } }
    }

    /// <summary>Lets an inference wait for a lane.</summary>
    public Task Enqueue(SessionRequest request, CancellationToken cancellation)
    {
        var inference = new Inference(request, cancellation);
        if (cancellation.CanBeCanceled)
        {
            inference.WhenCancelled(_queue.Cancel);
        }
        _queue.Add(inference);
        return inference.Done;
    }

    private PlanExecutor[] StartAll(IReadOnlyList<Plan> plans)
    {
        List<PlanExecutor> executors = [];
        try
        {
            foreach (Plan plan in plans)
            {
                executors.Add(_start(plan));
            }
            return [.. executors];
        }
        catch
        {
            executors.ForEach(executor => executor.Dispose());
            throw;
        }
    }

    private void Serve(int lane)
    {
        while (_queue.Take(lane) is { } inference)
        {
            try
            {
                Run(lane, inference);
            }
            catch (Exception e)
            {
                // Whatever it is, such as what a handler of the session's event throws: it must not end the process.
                inference.Fail(e);
            }
        }
    }

    private void Run(int lane, Inference inference)
    {
        PlanExecutor executor = _executors[lane];
        try
        {
            inference.Run(executor);
        }
        catch (Exception e)
        {
            _queue.End(lane, isSuccess: false);
            if (executor.HasFailedWith(e, inference.Cancellation))
            {
                Replace(lane, inference, e);
            }
            else
            {
                inference.Fail(e);
            }
            return;
        }
        _queue.End(lane, isSuccess: true);
        inference.Succeed();
        if (Interlocked.Exchange(ref _isSettled, 1) == 0)
        {
            _afterFirst();
        }
    }

    private void Replace(int lane, Inference inference, Exception failure)
    {
        PlanExecutor failed = _executors[lane];
        lock (_gate)
        {
            _hung.UnionWith(failed.Hung);
        }
        if (!_queue.TryRemove(lane, out int other))
        {
            FallBack(lane, inference, failure);
            return;
        }
        _queue.Add(inference, isFirst: true);
        Drop(failed);
        _report(new ProcessorFailedEventArgs(failed.Plan, _executors[other].Plan, failure));
    }

    /// <summary>
    /// No other lane is left: answers the inference by the first plain plan that can, and keeps that plan. Where none can, the
    /// failure is the caller's, and the next inference tries again.
    /// </summary>
    private void FallBack(int lane, Inference inference, Exception failure)
    {
        PlanExecutor failed = _executors[lane];
        List<string> reasons = [failure.Message];
        foreach (Plan next in LocalPlans.Instead(failed, _deployment, _device).Where(IsAnswering))
        {
            PlanExecutor? executor = null;
            try
            {
                executor = _start(next);
                inference.Run(executor);
            }
            catch (Exception e) when (executor is null ? e is TandemException : executor.HasFailedWith(e, inference.Cancellation))
            {
                reasons.Add($"plan '{next.Policy}': {e.Message}");
                Drop(executor);
                continue;
            }
            catch
            {
                Drop(executor);
                throw;
            }
            _executors[lane] = executor;
            _queue.Reset(lane, next.PredictedMs);
            Drop(failed);
            inference.Succeed();
            _report(new ProcessorFailedEventArgs(failed.Plan, next, failure));
            return;
        }
        inference.Fail(reasons.Count == 1
            ? failure
            : new ProcessorFailedException($"no plan can run the network any more: {string.Join("; ", reasons)}", failure));
    }

    private bool IsAnswering(Plan plan)
    {
        lock (_gate)
        {
            return !plan.Processors.Any(_hung.Contains);
        }
    }

    private void Drop(PlanExecutor? executor)
    {
        executor?.Dispose();
        if (executor is not null)
        {
            lock (_gate)
            {
                _hanging.Add(executor.Freed);
            }
        }
    }

    /// <summary>Waits for the inferences that run, ends those that wait, and frees the lanes.</summary>
    public void Dispose()
    {
        _queue.Close();
        foreach (Thread thread in _threads.Where(thread => thread != Thread.CurrentThread))
        {
            thread.Join();
        }
        Array.ForEach(_executors, Drop);
    }
}

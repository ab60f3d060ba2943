using Tandem.Planning;

namespace Tandem.Execution.Throughput;

/// <summary>
/// The lanes of a session: for each a thread that takes inferences from the queue and runs them by the lane's plan. A pipeline is several
/// lanes of one plan, which take turns on its processors. A plan that fails is left out with all its lanes, and their inferences are run
/// by others; the last one changes to a local plan instead.
/// </summary>
internal sealed class LaneCrew : IDisposable
{
    private readonly Deployment _deployment;
    private readonly LocalDevice _device;
    private readonly Func<Plan, ProcessorTurns?, PlanExecutor> _start;
    private readonly Action<ProcessorFailedEventArgs> _report;
    private readonly Action _afterFirst;
    private readonly LaneQueue _queue;
    private readonly Stack<Inference> _spare = [];
    private readonly Action<Inference> _cancel;
    private readonly int[][] _lanesBeside;
    private readonly PlanExecutor[] _executors;
    private readonly Thread[] _threads;
    private readonly List<Task> _hanging = [];
    private readonly HashSet<string> _hung = [];
    private readonly Lock _gate = new();
    private int _isSettled;

    /// <summary>Starts the lanes.</summary>
    /// <param name="deployment">The network.</param>
    /// <param name="device">The processors.</param>
    /// <param name="plans">The plans, for each of which there are as many lanes as it has inferences in flight.</param>
    /// <param name="start">Makes a plan ready to run, as one that takes turns on its processors or one that has them alone.</param>
    /// <param name="report">Told once of each plan that failed, on that lane's thread.</param>
    /// <param name="afterFirst">Called once, after the first inference.</param>
    public LaneCrew(
        Deployment deployment,
        LocalDevice device,
        IReadOnlyList<Plan> plans,
        Func<Plan, ProcessorTurns?, PlanExecutor> start,
        Action<ProcessorFailedEventArgs> report,
        Action afterFirst)
    {
        (_deployment, _device, _start, _report, _afterFirst) = (deployment, device, start, report, afterFirst);
        _executors = StartAll(plans);
        _lanesBeside = [.. _executors.Select(executor => LanesOf(executor.Plan))];
        _queue = new LaneQueue([.. _executors.Select(LatencyMs)]);
        _cancel = _queue.Cancel;
        _threads = [.. _executors.Select((executor, lane) =>
            new Thread(() => Serve(lane)) { IsBackground = true, Name = $"tandem lane {executor.Plan.Policy}" })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>The plans in use, and how many inferences each has ended.</summary>
    public IReadOnlyList<ThroughputLane> Lanes => [.. Enumerable.Range(0, _executors.Length).Where(_queue.IsUp)
        .GroupBy(lane => _executors[lane].Plan, ReferenceEqualityComparer.Instance)
        .Select(own => new ThroughputLane((Plan)own.Key!, own.Sum(_queue.Ended)))];

    /// <summary>Tasks that end when what processors that hang still use is freed; complete after <see cref="Dispose"/>.</summary>
    public IReadOnlyList<Task> Hanging
    {
        get { lock (_gate) { return [.. _hanging.Where(freed => !freed.IsCompleted)]; } }
    }

    /// <summary>Lets an inference wait for a lane.</summary>
    public Task Enqueue(SessionRequest request, CancellationToken cancellation)
    {
        var inference = new Inference();
        Begin(inference, request, isAwaited: true, cancellation);
        return inference.Done;
    }

    /// <summary>Runs an inference in a lane while the calling thread waits. Allocates nothing once as many have been in flight together.</summary>
    public void Run(SessionRequest request, CancellationToken cancellation)
    {
        Inference? inference;
        lock (_spare)
        {
            _ = _spare.TryPop(out inference);
        }
        inference ??= new Inference();
        Begin(inference, request, isAwaited: false, cancellation);
        try
        {
            inference.Wait();
        }
        finally
        {
            lock (_spare)
            {
                _spare.Push(inference);
            }
        }
    }

    private void Begin(Inference inference, SessionRequest request, bool isAwaited, CancellationToken cancellation)
    {
        inference.Begin(request, isAwaited, cancellation);
        if (cancellation.CanBeCanceled)
        {
            inference.WhenCancelled(_cancel);
        }
        _queue.Add(inference);
    }

    private int[] LanesOf(Plan plan) =>
        [.. Enumerable.Range(0, _executors.Length).Where(lane => ReferenceEquals(_executors[lane].Plan, plan))];

    /// <summary>What an inference is expected to take in a lane; where several share processors, each comes to its turn as the others have theirs.</summary>
    private static double LatencyMs(PlanExecutor executor)
    {
        Plan plan = executor.Plan;
        return Math.Max(plan.PredictedMs, PipelinePlanner.BusiestMs(plan) * ThroughputPlan.InFlight(plan));
    }

    private PlanExecutor[] StartAll(IReadOnlyList<Plan> plans)
    {
        List<PlanExecutor> executors = [];
        try
        {
            foreach (Plan plan in plans)
            {
                int inFlight = ThroughputPlan.InFlight(plan);
                ProcessorTurns? turns = inFlight == 1 ? null : new([.. plan.Processors.Select(name => _device.ByName[name])], inFlight);
                for (int i = 0; i < inFlight; i++)
                {
                    executors.Add(_start(plan, turns));
                }
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
                // Whatever it is, such as what compiling another plan throws: it must not end the process.
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
            if (LocalPlans.AreNeeded(executor, e, inference.Cancellation))
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
        if (Interlocked.Exchange(ref _isSettled, 1) == 0)
        {
            _afterFirst();
        }
        inference.Succeed();
    }

    private void Replace(int lane, Inference inference, Exception failure)
    {
        PlanExecutor failed = _executors[lane];
        lock (_gate)
        {
            _hung.UnionWith(failed.Hung);
        }
        bool isFirst = _queue.TryRemove(_lanesBeside[lane], lane, out int other);
        if (isFirst && other < 0)
        {
            FallBack(lane, inference, failure);
            return;
        }
        _queue.Add(inference, isFirst: true);
        Drop(failed);
        if (isFirst)
        {
            Report(new ProcessorFailedEventArgs(failed.Plan, _executors[other].Plan, failure));
        }
    }

    private void Report(ProcessorFailedEventArgs failure)
    {
        try
        {
            _report(failure);
        }
        catch (Exception)
        {
            // What a handler of the session's event throws concerns no inference, and must not end the process.
        }
    }

    /// <summary>
    /// No other lane is left: answers the inference by the first plain plan that can, and keeps that plan. Where none can, the
    /// failure is the caller's, and the next inference tries again.
    /// </summary>
    private void FallBack(int lane, Inference inference, Exception failure)
    {
        PlanExecutor failed = _executors[lane];
        PlanExecutor? executor = LocalPlans.RunByFirst(
            LocalPlans.Instead(failed, _deployment, _device).Where(IsAnswering), next => _start(next, null), inference.Run, Drop,
            failure, inference.Cancellation, out Exception unanswered);
        if (executor is null)
        {
            inference.Fail(unanswered);
            return;
        }
        _executors[lane] = executor;
        _lanesBeside[lane] = [lane];
        _queue.Reset(lane, executor.Plan.PredictedMs);
        Drop(failed);
        inference.Succeed();
        Report(new ProcessorFailedEventArgs(failed.Plan, executor.Plan, failure));
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

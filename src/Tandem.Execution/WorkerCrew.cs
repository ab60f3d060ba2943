using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>
/// The worker threads of an executor, one for each processor or for several that take turns. They start an inference together; whoever asked waits until all
/// are done, or for so long and no longer: a thread that hangs in a driver cannot be ended, only left alone.
/// </summary>
internal sealed class WorkerCrew : IDisposable
{
    private readonly Worker[] _workers;
    private readonly IProcessor[][] _processors;
    private readonly int[] _isBusy;
    private readonly ManualResetEventSlim _done = new(false, spinCount: 10);
    private Action? _whenIdle;
    private int _working;

    /// <summary>Starts the threads.</summary>
    /// <param name="processors">For each worker its processors, which wish for the same cores.</param>
    /// <param name="runSteps">
    /// Runs a worker's steps of an inference: worker, number of the inference, and why the thread could not be prepared; must
    /// not throw.
    /// </param>
    public WorkerCrew(IProcessor[][] processors, Action<int, long, Exception?> runSteps)
    {
        _processors = processors;
        _isBusy = new int[processors.Length];
        _workers = [.. processors.Select((engines, w) => new Worker(engines[0], (run, failure) =>
        {
            runSteps(w, run, failure);
            End(w);
        }))];
    }

    /// <summary>Whether every worker has ended the last inference.</summary>
    public bool IsIdle => Volatile.Read(ref _working) == 0;

    /// <summary>Names of the processors whose workers have not ended the last inference.</summary>
    public IReadOnlyList<string> Busy =>
        [.. _processors.Where((_, w) => Volatile.Read(ref _isBusy[w]) != 0).SelectMany(engines => engines).Select(p => p.Info.Name)];

    /// <summary>Runs an inference; false where it did not end in time. No other may be started until <see cref="IsIdle"/>.</summary>
    public bool Run(long run, TimeSpan timeout)
    {
        _done.Reset();
        Volatile.Write(ref _working, _workers.Length);
        Array.Fill(_isBusy, 1);
        foreach (Worker worker in _workers)
        {
            worker.Start(run);
        }
        return WaitUntilIdle(timeout);
    }

    /// <summary>Waits until every worker has ended the inference; false where that took too long.</summary>
    public bool WaitUntilIdle(TimeSpan timeout) => _done.Wait(timeout, CancellationToken.None);

    /// <summary>
    /// Leaves workers that hang alone: calls back once, on the thread of the last of them, when all have ended the inference
    /// after all; perhaps at once, perhaps never. Their threads end then.
    /// </summary>
    public void Abandon(Action whenIdle)
    {
        Volatile.Write(ref _whenIdle, whenIdle);
        Array.ForEach(_workers, worker => worker.Stop());
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _working) == 0)
        {
            CallBackOnce();
        }
    }

    private void End(int worker)
    {
        Volatile.Write(ref _isBusy[worker], 0);
        if (Interlocked.Decrement(ref _working) == 0)
        {
            _done.Set();
            CallBackOnce();
        }
    }

    private void CallBackOnce() => Interlocked.Exchange(ref _whenIdle, null)?.Invoke();

    /// <summary>Ends the threads; every worker must be idle.</summary>
    public void Dispose()
    {
        Array.ForEach(_workers, worker => worker.Dispose());
        _done.Dispose();
    }
}

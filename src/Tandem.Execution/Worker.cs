using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>The thread that runs one processor's steps, pinned as the processor wants it. Sleeps between inferences.</summary>
internal sealed class Worker : IDisposable
{
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _start = new(false, spinCount: 50);
    private readonly Action<long, Exception?> _runSteps;
    private long _run;
    private bool _stop;

    /// <summary>Starts the thread.</summary>
    /// <param name="processor">The processor whose steps it runs.</param>
    /// <param name="runSteps">
    /// Runs the processor's steps of the inference with the given number, or reports why the thread could not be prepared; must
    /// not throw.
    /// </param>
    public Worker(IProcessor processor, Action<long, Exception?> runSteps)
    {
        _runSteps = runSteps;
        _thread = new Thread(() => Loop(processor)) { IsBackground = true, Name = $"tandem {processor.Info.Name}" };
        _thread.Start();
    }

    /// <summary>Runs the steps of an inference.</summary>
    public void Start(long run)
    {
        _run = run;
        _start.Set();
    }

    private void Loop(IProcessor processor)
    {
        Exception? failure = Enter(processor);
        while (true)
        {
            _start.Wait();
            _start.Reset();
            if (Volatile.Read(ref _stop))
            {
                return;
            }
            _runSteps(_run, failure);
        }
    }

    /// <summary>An exception here would end the process; so it is kept for whoever runs an inference.</summary>
    private static Exception? Enter(IProcessor processor)
    {
        try
        {
            processor.EnterWorkerThread();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Lets the thread end as soon as it is idle, and does not wait for that.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stop, true);
        _start.Set();
    }

    public void Dispose()
    {
        Stop();
        _thread.Join();
        _start.Dispose();
    }
}

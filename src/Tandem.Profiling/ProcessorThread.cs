using System.Runtime.ExceptionServices;
using Tandem.Processors;

namespace Tandem.Profiling;

/// <summary>Work on a thread that has entered a processor, as the executor's workers do.</summary>
internal sealed class ProcessorThread
{
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts the work.</summary>
    /// <param name="processor">The processor to enter.</param>
    /// <param name="work">The work.</param>
    /// <param name="onFailure">Called on the thread when the processor or the work throws.</param>
    public ProcessorThread(IProcessor processor, Action work, Action? onFailure = null)
    {
        _thread = new Thread(() =>
        {
            try
            {
                processor.EnterWorkerThread();
                work();
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
                onFailure?.Invoke();
            }
        })
        { Name = $"tandem profile {processor.Info.Name}" };
        _thread.Start();
    }

    /// <summary>Runs work to its end; what it throws is thrown here.</summary>
    public static void Run(IProcessor processor, Action work) => new ProcessorThread(processor, work).Join();

    /// <summary>Waits for the end of the work; what it threw is thrown here.</summary>
    public void Join()
    {
        _thread.Join();
        _failure?.Throw();
    }
}

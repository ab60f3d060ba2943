using System.Runtime.ExceptionServices;
using Tandem.Processors;

namespace Tandem.Profiling;

/// <summary>Runs work on a thread that has entered a processor, as the executor's workers do.</summary>
internal static class ProcessorThread
{
    public static void Run(IProcessor processor, Action work)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                processor.EnterWorkerThread();
                work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        { Name = $"tandem profile {processor.Info.Name}" };
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}

namespace Tandem.Execution.Throughput;

/// <summary>An inference that waits for a lane, or runs in one.</summary>
internal sealed class Inference(SessionRequest request, CancellationToken cancellation)
{
    // What waits for it goes on elsewhere: a lane's thread belongs to its processor.
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _registration;

    /// <summary>Whether whoever asked for it wants it no more.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>Ends when its outputs are written, or with the reason why they are not.</summary>
    public Task Done => _done.Task;

    /// <summary>Calls back when whoever asked for it wants it no more.</summary>
    public void WhenCancelled(Action<Inference> act) =>
        _registration = cancellation.UnsafeRegister(_ => act(this), null);

    /// <summary>Runs it on this thread.</summary>
    public void Run(PlanExecutor executor) => request.Run(executor, cancellation);

    /// <summary>Its outputs are written.</summary>
    public void Succeed()
    {
        _registration.Unregister();
        _done.TrySetResult();
    }

    /// <summary>It ends without outputs.</summary>
    public void Fail(Exception reason)
    {
        _registration.Unregister();
        if (reason is OperationCanceledException && cancellation.IsCancellationRequested)
        {
            _done.TrySetCanceled(cancellation);
        }
        else
        {
            _done.TrySetException(reason);
        }
    }
}

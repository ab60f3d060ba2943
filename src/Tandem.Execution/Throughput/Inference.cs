using System.Runtime.ExceptionServices;

namespace Tandem.Execution.Throughput;

/// <summary>
/// An inference that waits for a lane, or runs in one. Its end is either awaited, or waited for by a thread: the second allocates nothing,
/// and the object can then be used for another inference.
/// </summary>
internal sealed class Inference
{
    private readonly object _gate = new();
    private TaskCompletionSource? _done;
    private SessionRequest _request;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private Action<Inference>? _whenCancelled;
    private Exception? _failure;
    private bool _hasEnded;

    /// <summary>Whether whoever asked for it wants it no more.</summary>
    public CancellationToken Cancellation => _cancellation;

    /// <summary>Begins an inference whose end is awaited as <see cref="Done"/>, or waited for.</summary>
    public void Begin(SessionRequest request, bool isAwaited, CancellationToken cancellation)
    {
        (_request, _cancellation, _failure, _hasEnded) = (request, cancellation, null, false);
        // What waits for it goes on elsewhere: a lane's thread belongs to its processor.
        _done = isAwaited ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
    }

    /// <summary>Ends when its outputs are written, or with the reason why they are not.</summary>
    public Task Done => _done!.Task;

    /// <summary>Waits until its outputs are written; throws the reason where they are not. Nobody else knows of it then.</summary>
    public void Wait()
    {
        lock (_gate)
        {
            while (!_hasEnded)
            {
                Monitor.Wait(_gate);
            }
        }
        // Waits for a callback that runs: it must not find the next inference in this one's place.
        _registration.Dispose();
        (_registration, _request) = (default, default);
        if (_failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Calls back when whoever asked for it wants it no more.</summary>
    public void WhenCancelled(Action<Inference> act)
    {
        _whenCancelled = act;
        _registration = _cancellation.UnsafeRegister(static inference => ((Inference)inference!).CallBack(), this);
    }

    /// <summary>Runs it on this thread.</summary>
    public void Run(PlanExecutor executor) => _request.Run(executor, _cancellation);

    /// <summary>Its outputs are written. Whoever says so must not touch it afterwards.</summary>
    public void Succeed() => End(null);

    /// <summary>It ends without outputs. Whoever says so must not touch it afterwards.</summary>
    public void Fail(Exception reason) => End(reason);

    private void CallBack() => _whenCancelled!(this);

    private void End(Exception? failure)
    {
        if (_done is null)
        {
            lock (_gate)
            {
                (_failure, _hasEnded) = (failure, true);
                Monitor.Pulse(_gate);
            }
            return;
        }
        _registration.Unregister();
        if (failure is null)
        {
            _done.TrySetResult();
        }
        else if (failure is OperationCanceledException && _cancellation.IsCancellationRequested)
        {
            _done.TrySetCanceled(_cancellation);
        }
        else
        {
            _done.TrySetException(failure);
        }
    }
}

namespace Tandem.Execution;

/// <summary>One inference that somebody asked a session for.</summary>
internal interface ISessionRequest
{
    /// <summary>Runs it on this thread; no other inference of the executor comes in between.</summary>
    void Run(PlanExecutor executor, CancellationToken cancellation);
}

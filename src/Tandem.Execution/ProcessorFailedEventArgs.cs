using Tandem.Planning;

namespace Tandem.Execution;

/// <summary>A processor failed and the session went on without it.</summary>
public sealed class ProcessorFailedEventArgs : EventArgs
{
    internal ProcessorFailedEventArgs(Plan failed, Plan fallback, Exception failure)
    {
        Failed = failed;
        Fallback = fallback;
        Failure = failure;
    }

    /// <summary>The plan that failed.</summary>
    public Plan Failed { get; }

    /// <summary>The plan that is used from now on.</summary>
    public Plan Fallback { get; }

    /// <summary>What happened.</summary>
    public Exception Failure { get; }
}

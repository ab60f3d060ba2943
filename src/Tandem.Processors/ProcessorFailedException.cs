namespace Tandem.Processors;

/// <summary>A processor failed: its native library is missing, its driver cannot build a kernel, a run ended in an error.</summary>
public sealed class ProcessorFailedException : TandemException
{
    /// <summary>Makes the exception from a one-line message that says what failed and what to do.</summary>
    public ProcessorFailedException(string message) : base(message) { }

    /// <summary>Makes the exception from a one-line message and the failure behind it.</summary>
    public ProcessorFailedException(string message, Exception innerException) : base(message, innerException) { }
}

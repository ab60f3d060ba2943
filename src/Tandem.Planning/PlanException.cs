namespace Tandem.Planning;

/// <summary>A plan that cannot be made, read or used.</summary>
public sealed class PlanException : TandemException
{
    /// <summary>Makes the exception from a one-line message that says what is wrong and what to do.</summary>
    public PlanException(string message) : base(message) { }

    /// <summary>Makes the exception from a one-line message and the failure behind it.</summary>
    public PlanException(string message, Exception innerException) : base(message, innerException) { }
}

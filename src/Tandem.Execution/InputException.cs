namespace Tandem.Execution;

/// <summary>What was fed does not fit the network: a name, a type or a shape.</summary>
public sealed class InputException : TandemException
{
    /// <summary>Makes the exception from a one-line message that says what is wrong and what to do.</summary>
    public InputException(string message) : base(message) { }
}

namespace Tandem;

/// <summary>
/// A failure that its user can act on: the message is one line that says what is wrong and what to do.
/// The command line prints it without a stack trace and ends with exit code 2.
/// </summary>
public class TandemException : Exception
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public TandemException(string message) : base(message) { }

    /// <summary>Makes an exception from a one-line message and the failure behind it.</summary>
    public TandemException(string message, Exception? innerException) : base(message, innerException) { }
}

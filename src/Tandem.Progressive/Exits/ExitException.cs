namespace Tandem.Progressive.Exits;

/// <summary>A network that gets no early exits, or exits that are not possible as they were asked for.</summary>
public sealed class ExitException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public ExitException(string message) : base(message) { }
}

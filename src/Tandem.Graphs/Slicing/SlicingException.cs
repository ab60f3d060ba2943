namespace Tandem.Graphs.Slicing;

/// <summary>A region that cannot be cut as asked; the message names the operator and the reason.</summary>
public sealed class SlicingException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public SlicingException(string message) : base(message) { }
}

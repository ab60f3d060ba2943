namespace Tandem.Graphs.Quantization;

/// <summary>A graph that cannot be quantised as asked; the message says why.</summary>
public sealed class QuantizationException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public QuantizationException(string message) : base(message) { }
}

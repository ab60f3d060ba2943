namespace Tandem.Graphs.Quantization;

/// <summary>How a graph is quantised.</summary>
public sealed record QuantizationOptions
{
    /// <summary>
    /// Weights take 7 bits instead of 8. For x86 processors without VNNI, whose instruction adds two products of an unsigned and a
    /// signed byte in 16 bits, and saturates.
    /// </summary>
    public bool ReducesWeightRange { get; init; }
}

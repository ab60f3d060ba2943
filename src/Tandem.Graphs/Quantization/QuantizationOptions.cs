namespace Tandem.Graphs.Quantization;

/// <summary>How a graph is quantised.</summary>
public sealed record QuantizationOptions
{
    /// <summary>
    /// Weights take 7 bits instead of 8. For x86 processors without VNNI, whose instruction adds two products of an unsigned and a
    /// signed byte in 16 bits, and saturates.
    /// </summary>
    public bool ReducesWeightRange { get; init; }

    /// <summary>Whether weights have a scale for each output channel, or one for all of them.</summary>
    /// <value>true.</value>
    public bool WeightsPerChannel { get; init; } = true;

    /// <summary>
    /// Whether activations that can be negative have their zero in the middle of the bytes' range, which costs up to a bit of resolution;
    /// for runtimes that know no other zero point than 0 and 128.
    /// </summary>
    public bool SymmetricActivations { get; init; }

    /// <summary>The quantisation of an activation.</summary>
    /// <exception cref="QuantizationException">The range has an infinite end.</exception>
    public LinearQuantization Covering(ValueRange range) =>
        SymmetricActivations ? LinearQuantization.Symmetric(range) : LinearQuantization.Covering(range);
}

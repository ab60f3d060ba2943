using System.Text.Json.Serialization;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;

namespace Tandem.Graphs.Slicing;

/// <summary>Which part of a network: some kernels, and the share of them along an axis. What plans store.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Axis">How they are divided.</param>
/// <param name="Share">The part that is meant; all of it where they are not divided.</param>
public readonly record struct SliceSpec(KernelRange Kernels, SliceAxis Axis, Share Share)
{
    /// <summary>What the slice computes in. Plans name it only where it is not float32.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public NumericPrecision Precision { get; init; }

    /// <summary>The kernels undivided.</summary>
    public static SliceSpec Of(KernelRange kernels) => new(kernels, SliceAxis.None, Share.All);

    /// <summary>Cuts the slice out of a network.</summary>
    /// <exception cref="SlicingException">The kernels cannot be divided along the axis.</exception>
    public Slice Cut(Network network) => Slicer.Cut(network, Kernels.First, Kernels.End, Axis, Share);

    /// <inheritdoc/>
    public override string ToString() => (Axis == SliceAxis.None
        ? $"{Kernels}"
        : FormattableString.Invariant($"{Kernels} {(Axis == SliceAxis.Rows ? "H" : "OC")} {Share.Begin:0.###}..{Share.End:0.###}"))
        + (Precision == NumericPrecision.Float32 ? "" : Enum.IsDefined(Precision) ? $" {Precision.ShortName()}" : $" {Precision}");
}

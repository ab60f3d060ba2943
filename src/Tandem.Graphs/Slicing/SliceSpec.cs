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
    /// <summary>The most slices by input channels that kernels are divided into.</summary>
    public const int MostParts = 64;

    /// <summary>Of a slice by input channels: which of the partial sums it makes, from 0 in the order of their shares.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Part { get; init; }

    /// <summary>
    /// Above 0, the slice is a reduction: it adds so many partial sums, which slices of the same kernels by input channels
    /// made, and runs what follows the product. It is divided by channels or rows as any other slice.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Summands { get; init; }

    /// <summary>What the slice computes in. Plans name it only where it is not float32.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public NumericPrecision Precision { get; init; }

    /// <summary>The kernels undivided.</summary>
    public static SliceSpec Of(KernelRange kernels) => new(kernels, SliceAxis.None, Share.All);

    /// <summary>Cuts the slice out of a network.</summary>
    /// <exception cref="SlicingException">The kernels cannot be divided along the axis.</exception>
    public Slice Cut(Network network) => Slicer.Cut(network, this);

    /// <inheritdoc/>
    public override string ToString() => $"{Kernels}"
        + (Summands == 0 ? "" : FormattableString.Invariant($" sum of {Summands}"))
        + (Axis == SliceAxis.None ? "" : FormattableString.Invariant($" {ShortName(Axis)} {Share.Begin:0.###}..{Share.End:0.###}"))
        + (Precision == NumericPrecision.Float32 ? "" : Enum.IsDefined(Precision) ? $" {Precision.ShortName()}" : $" {Precision}");

    private static string ShortName(SliceAxis axis) => axis switch
    {
        SliceAxis.Channels => "OC",
        SliceAxis.Rows => "H",
        _ => "IC",
    };
}

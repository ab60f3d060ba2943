using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing.Rules;

namespace Tandem.Graphs.Slicing;

/// <summary>
/// Cuts regions out of a network's prepared graph, as small graphs of their own: whole (a cut by depth), by output
/// channels, by input channels, or by rows with the exact halo over all operators of the region.
/// </summary>
/// <remarks>
/// <para>
/// Channels: each slice makes the channels <see cref="Share.Indices"/> of every output. A convolution or matrix product
/// that reads all channels must read them from outside the region. Grouped convolutions are cut between groups, which
/// makes the steps of everything linked with them coarser (see
/// <see cref="ChannelSteps(Network, IReadOnlyList{int})"/>).
/// </para>
/// <para>
/// Rows: each slice makes the rows <see cref="Share.Indices"/> of every output's own height. Pads are rewritten for the
/// slice, so results are those of the whole, to the last bit where the runtime adds in the same order.
/// </para>
/// <para>
/// Input channels: each slice makes the channels <see cref="Share.Indices"/> of what the last product reads, and from these a
/// partial sum of the product. A reduction (<see cref="SliceSpec.Summands"/>) adds the partial sums and runs what comes after.
/// </para>
/// <para>A range that covers its whole axis is reported as <see cref="TensorRange.Whole"/>.</para>
/// </remarks>
public static class Slicer
{
    /// <summary>Cuts the kernels [firstKernel, endKernel) out of the network.</summary>
    /// <exception cref="SlicingException">The region cannot be cut that way, or the share is too small to hold
    /// anything.</exception>
    public static Slice Cut(Network network, int firstKernel, int endKernel, SliceAxis axis, Share share) =>
        Cut(network, Indices(network, firstKernel, endKernel), axis, share);

    /// <summary>Cuts some kernels (of a branch, for example) out of the network.</summary>
    /// <exception cref="SlicingException">The region cannot be cut that way, or the share is too small to hold
    /// anything.</exception>
    public static Slice Cut(Network network, IReadOnlyList<int> kernels, SliceAxis axis, Share share) =>
        Cut(network, kernels, new SliceSpec(default, axis, share));

    /// <summary>Cuts a slice, which may be a partial sum or a reduction, out of the network.</summary>
    /// <exception cref="SlicingException">The region cannot be cut that way, or the share is too small to hold
    /// anything.</exception>
    public static Slice Cut(Network network, SliceSpec spec) => Cut(network, Indices(network, spec.Kernels), spec);

    /// <summary>Whether the kernels [firstKernel, endKernel) can be cut for this share, and if not, why.</summary>
    public static bool CanCut(
        Network network, int firstKernel, int endKernel, SliceAxis axis, Share share, out string reason) =>
        CanCut(network, Indices(network, firstKernel, endKernel), axis, share, out reason);

    /// <summary>Whether these kernels can be cut for this share, and if not, why; touches no weights.</summary>
    public static bool CanCut(
        Network network, IReadOnlyList<int> kernels, SliceAxis axis, Share share, out string reason) =>
        Analyse(network, kernels, new SliceSpec(default, axis, share), out reason) is not null;

    /// <summary>
    /// What a slice of the kernels [firstKernel, endKernel) reads and makes, without building it; null where it cannot be cut.
    /// </summary>
    public static SliceOutline? Outline(Network network, int firstKernel, int endKernel, SliceAxis axis, Share share) =>
        Outline(network, new SliceSpec(new KernelRange(firstKernel, endKernel), axis, share));

    /// <summary>What a slice reads and makes, without building it; null where it cannot be cut.</summary>
    public static SliceOutline? Outline(Network network, SliceSpec spec) =>
        Analyse(network, Indices(network, spec.Kernels), spec, out _) is { } found ? SliceOutline.Of(found.Region, found.Cut) : null;

    /// <summary>
    /// The last product of some kernels, with what comes before and after it; null, with the reason, where they cannot be
    /// divided by its input channels.
    /// </summary>
    public static ProductSplit? SplitAtProduct(Network network, KernelRange kernels, out string reason) =>
        ProductSplit.Find(RegionOf(network, Indices(network, kernels)), out reason);

    /// <summary>
    /// For each output of the region, the number of channels by which a cut by channels moves: 1 for most, more behind
    /// a grouped convolution or a flattening.
    /// </summary>
    /// <exception cref="SlicingException">The region cannot be cut by channels.</exception>
    public static IReadOnlyDictionary<string, long> ChannelSteps(Network network, IReadOnlyList<int> kernels)
    {
        Region region = RegionOf(network, kernels);
        ChannelGroups groups = ChannelAnalysis.Group(region, out string reason)
            ?? throw new SlicingException($"kernels {Describe(kernels)} cannot be cut by channels: {reason}");
        return region.Outputs.ToDictionary(o => o.Name, o => o.Shape[1] / groups.Blocks(o.Name));
    }

    /// <summary>
    /// For each output of the region, the number of channels by which a cut of the kernels [firstKernel, endKernel) by
    /// channels moves.
    /// </summary>
    /// <exception cref="SlicingException">The region cannot be cut by channels.</exception>
    public static IReadOnlyDictionary<string, long> ChannelSteps(Network network, int firstKernel, int endKernel) =>
        ChannelSteps(network, Indices(network, firstKernel, endKernel));

    private static Slice Cut(Network network, IReadOnlyList<int> kernels, SliceSpec how)
    {
        (Region region, RegionCut cut) = Analyse(network, kernels, how, out string reason)
            ?? throw new SlicingException($"kernels {Describe(kernels)} cannot be {Word(how)}: {reason}");
        return SliceBuilder.Build(region, cut);
    }

    private static (Region Region, RegionCut Cut)? Analyse(
        Network network, IReadOnlyList<int> kernels, SliceSpec how, out string reason)
    {
        Region? region = RegionOf(network, kernels);
        if (how.Axis == SliceAxis.InputChannels)
        {
            return InputChannelAnalysis.Run(region, how.Share, how.Part, out reason);
        }
        reason = "";
        region = how.Summands == 0 ? region : InputChannelAnalysis.Reduction(region, how.Summands, out reason);
        return region is not null && Analyse(region, how.Axis, how.Share, ref reason) is { } cut ? (region, cut) : null;
    }

    private static RegionCut? Analyse(Region region, SliceAxis axis, Share share, ref string reason) => axis switch
    {
        SliceAxis.Channels => ChannelAnalysis.Run(region, share, out reason),
        SliceAxis.Rows => RowAnalysis.Run(region, share, out reason),
        _ => Uncut(region),
    };

    private static RegionCut Uncut(Region region) => new(
        [.. region.Operators
            .Where(op => op.Outputs.Any(region.IsUsed))
            .Select(op => (op,
                OperatorCut.Of(op, new OperatorSite(region.Graph, op).WholeInputs(), TensorRange.Whole)))],
        [.. region.Outputs.Select(o => new SliceEnd(o, TensorRange.Whole))]);

    private static int[] Indices(Network network, KernelRange kernels) => Indices(network, kernels.First, kernels.End);

    private static int[] Indices(Network network, int firstKernel, int endKernel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstKernel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(firstKernel, endKernel);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(endKernel, network.Kernels.Count);
        return [.. Enumerable.Range(firstKernel, endKernel - firstKernel)];
    }

    private static Region RegionOf(Network network, IReadOnlyList<int> kernels)
    {
        ArgumentOutOfRangeException.ThrowIfZero(kernels.Count, nameof(kernels));
        return new Region(network.Graph, [.. kernels.Distinct().Order().SelectMany(k => network.Kernels[k].Operators)]);
    }

    private static string Describe(IReadOnlyList<int> kernels) =>
        kernels.Count == 1 ? $"{kernels[0]}" : $"{kernels[0]} to {kernels[^1]}";

    private static string Word(SliceSpec how) => how.Axis switch
    {
        SliceAxis.Channels => "cut by channels",
        SliceAxis.Rows => "cut by rows",
        SliceAxis.InputChannels => "cut by input channels",
        _ => how.Summands > 0 ? "made of partial sums" : "cut by depth",
    };
}

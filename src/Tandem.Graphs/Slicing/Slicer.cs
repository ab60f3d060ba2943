using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing.Rules;

namespace Tandem.Graphs.Slicing;

/// <summary>
/// Cuts regions out of a network's prepared graph, as small graphs of their own: whole (a cut by depth), by output
/// channels, or by rows with the exact halo over all operators of the region.
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
    public static Slice Cut(Network network, IReadOnlyList<int> kernels, SliceAxis axis, Share share)
    {
        Region region = RegionOf(network, kernels);
        RegionCut cut = Analyse(region, axis, share, out string reason)
            ?? throw new SlicingException($"kernels {Describe(kernels)} cannot be cut by {Word(axis)}: {reason}");
        return SliceBuilder.Build(region, cut);
    }

    /// <summary>Whether the kernels [firstKernel, endKernel) can be cut for this share, and if not, why.</summary>
    public static bool CanCut(
        Network network, int firstKernel, int endKernel, SliceAxis axis, Share share, out string reason) =>
        CanCut(network, Indices(network, firstKernel, endKernel), axis, share, out reason);

    /// <summary>Whether these kernels can be cut for this share, and if not, why; touches no weights.</summary>
    public static bool CanCut(
        Network network, IReadOnlyList<int> kernels, SliceAxis axis, Share share, out string reason) =>
        Analyse(RegionOf(network, kernels), axis, share, out reason) is not null;

    /// <summary>
    /// What a slice of the kernels [firstKernel, endKernel) reads and makes, without building it; null where it cannot be cut.
    /// </summary>
    public static SliceOutline? Outline(Network network, int firstKernel, int endKernel, SliceAxis axis, Share share)
    {
        Region region = RegionOf(network, Indices(network, firstKernel, endKernel));
        return Analyse(region, axis, share, out _) is { } cut ? SliceOutline.Of(region, cut) : null;
    }

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

    private static RegionCut? Analyse(Region region, SliceAxis axis, Share share, out string reason)
    {
        switch (axis)
        {
            case SliceAxis.Channels:
                return ChannelAnalysis.Run(region, share, out reason);
            case SliceAxis.Rows:
                return RowAnalysis.Run(region, share, out reason);
            default:
                reason = "";
                return Uncut(region);
        }
    }

    private static RegionCut Uncut(Region region) => new(
        [.. region.Operators
            .Where(op => op.Outputs.Any(region.IsUsed))
            .Select(op => (op,
                OperatorCut.Of(op, new OperatorSite(region.Graph, op).WholeInputs(), TensorRange.Whole)))],
        [.. region.Outputs.Select(o => new SliceEnd(o, TensorRange.Whole))]);

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

    private static string Word(SliceAxis axis) => axis switch
    {
        SliceAxis.Channels => "channels",
        SliceAxis.Rows => "rows",
        _ => "depth",
    };
}

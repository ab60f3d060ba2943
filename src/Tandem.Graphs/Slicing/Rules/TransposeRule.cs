namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// Transpose where the axis that is cut stays at its place (a channel shuffle keeps rows and columns).
/// </summary>
internal sealed class TransposeRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Transpose"];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        Along(site, Ranges.RowAxis(site.OutputShape), from, to);

    public override ChannelCoupling Coupling(OperatorSite site) =>
        Keeps(site, 1) ? ChannelCoupling.OneToOne(site) : ChannelCoupling.Refused("it moves channels");

    public override OperatorCut Channels(OperatorSite site, long from, long to) => Along(site, 1, from, to);

    private static OperatorCut Along(OperatorSite site, int axis, long from, long to) =>
        Keeps(site, axis)
            ? OperatorCut.Of(site.Operator, [site.InputRange(0, axis, from, to)], site.OutputRange(axis, from, to))
            : OperatorCut.Refused("it moves rows");

    private static bool Keeps(OperatorSite site, int axis) =>
        site.Operator.GetInts("perm") is { } order && order[axis] == axis;
}

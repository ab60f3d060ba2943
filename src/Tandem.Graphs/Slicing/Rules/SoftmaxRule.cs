namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// Softmax and LogSoftmax along one axis: cut along any other. Before opset 13 they take all axes from theirs on.
/// </summary>
internal sealed class SoftmaxRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Softmax", "LogSoftmax"];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        Along(site, Ranges.RowAxis(site.OutputShape), from, to);

    public override ChannelCoupling Coupling(OperatorSite site) =>
        Normalises(site, 1) ? ChannelCoupling.Refused("it normalises across channels") : ChannelCoupling.OneToOne(site);

    public override OperatorCut Channels(OperatorSite site, long from, long to) => Along(site, 1, from, to);

    private static OperatorCut Along(OperatorSite site, int axis, long from, long to) =>
        Normalises(site, axis)
            ? OperatorCut.Refused("it normalises across that axis")
            : OperatorCut.Of(site.Operator, [site.InputRange(0, axis, from, to)], site.OutputRange(axis, from, to));

    private static bool Normalises(OperatorSite site, int axis)
    {
        long own = site.Operator.GetInt("axis", site.Opset >= 13 ? -1 : 1);
        own = own < 0 ? own + site.OutputShape.Rank : own;
        return site.Opset >= 13 ? own == axis : own <= axis;
    }
}

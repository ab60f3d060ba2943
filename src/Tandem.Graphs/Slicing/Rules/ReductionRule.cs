namespace Tandem.Graphs.Slicing.Rules;

/// <summary>Reductions that keep their axes (keepdims 1): cut along any axis that is not reduced.</summary>
internal sealed class ReductionRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } =
        ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceProd"];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        Along(site, Ranges.RowAxis(site.OutputShape), from, to);

    public override ChannelCoupling Coupling(OperatorSite site) =>
        Keeps(site, 1) ? ChannelCoupling.OneToOne(site) : ChannelCoupling.Refused("it reduces channels or drops axes");

    public override OperatorCut Channels(OperatorSite site, long from, long to) => Along(site, 1, from, to);

    private static OperatorCut Along(OperatorSite site, int axis, long from, long to)
    {
        if (!Keeps(site, axis))
        {
            return OperatorCut.Refused("it reduces that axis or drops axes");
        }
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, axis, from, to);
        return OperatorCut.Of(site.Operator, inputs, site.OutputRange(axis, from, to));
    }

    private static bool Keeps(OperatorSite site, int axis)
    {
        IReadOnlyList<long>? axes = site.Operator.GetInts("axes") ?? site.ConstantInput(1)?.AsSpan<long>().ToArray();
        int rank = site.InputShape(0).Rank;
        return site.Operator.GetInt("keepdims", 1) != 0 && axes is { Count: > 0 }
            && axes.All(a => (a < 0 ? a + rank : a) != axis);
    }
}

namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// Convolutions, transposed or not, by channels: the filters are cut; grouped and depthwise ones read only the input channels of their
/// groups and are cut between groups (never inside one).
/// </summary>
internal abstract class GroupedProductRule : SlicingRule
{
    /// <summary>The axis of the filters along which a group's output channels lie, 0 or 1; its input channels lie along the other.</summary>
    private protected abstract int OutputAxis { get; }

    public override ChannelCoupling Coupling(OperatorSite site)
    {
        if (site.IsVariable(1) || site.IsVariable(2))
        {
            return ChannelCoupling.Refused("its weights are not constant");
        }
        long groups = site.Operator.GetInt("group", 1);
        return groups == 1
            ? ChannelCoupling.ReadsAll(site)
            : ChannelCoupling.OneToOne(site, site.InputShape(0)[1] / groups, site.OutputShape[1] / groups);
    }

    public override OperatorCut Channels(OperatorSite site, long from, long to)
    {
        TensorRange[] inputs = site.WholeInputs();
        if (site.Operator.HasInput(2))
        {
            inputs[2] = site.InputRange(2, 0, from, to);
        }
        long groups = site.Operator.GetInt("group", 1);
        if (groups == 1)
        {
            inputs[1] = site.InputRange(1, OutputAxis, from, to);
            return OperatorCut.Of(site.Operator, inputs, site.OutputRange(1, from, to));
        }
        (long inStep, long outStep) = (site.InputShape(0)[1] / groups, site.OutputShape[1] / groups);
        (long inFrom, long inTo) = (from / outStep * inStep, to / outStep * inStep);
        inputs[0] = site.InputRange(0, 1, inFrom, inTo);
        // Groups follow each other along the first axis, whichever channels lie there.
        inputs[1] = OutputAxis == 0 ? site.InputRange(1, 0, from, to) : site.InputRange(1, 0, inFrom, inTo);
        Operator op = site.WithAttributes(("group", new AttributeValue.Int((to - from) / outStep)));
        return OperatorCut.Of(op, inputs, site.OutputRange(1, from, to));
    }

    public override bool IsProduct => true;

    public override OperatorCut PartialSum(OperatorSite site, long from, long to) =>
        Coupling(site).Refusal is { } refusal ? OperatorCut.Refused(refusal)
        : site.Operator.GetInt("group", 1) != 1 ? OperatorCut.Refused("its groups do not sum over all input channels")
        : PartialSum(site, 1 - OutputAxis, from, to);
}

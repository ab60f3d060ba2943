namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// Conv. Rows: input rows with the window's halo. Channels: the filters are cut; grouped and depthwise convolutions
/// read only the input channels of their groups and are cut between groups (never inside one).
/// </summary>
internal sealed class ConvolutionRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Conv"];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        new Window(site).TryCut(from, to, out WindowCut cut)
            ? cut.Apply(site)
            : OperatorCut.Refused("every output lies in padding");

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
        inputs[1] = site.InputRange(1, 0, from, to);
        if (site.Operator.HasInput(2))
        {
            inputs[2] = site.InputRange(2, 0, from, to);
        }
        long groups = site.Operator.GetInt("group", 1);
        if (groups == 1)
        {
            return OperatorCut.Of(site.Operator, inputs, site.OutputRange(1, from, to));
        }
        (long inStep, long outStep) = (site.InputShape(0)[1] / groups, site.OutputShape[1] / groups);
        inputs[0] = site.InputRange(0, 1, from / outStep * inStep, to / outStep * inStep);
        Operator op = site.WithAttributes(("group", new AttributeValue.Int((to - from) / outStep)));
        return OperatorCut.Of(op, inputs, site.OutputRange(1, from, to));
    }

    public override bool IsProduct => true;

    public override OperatorCut PartialSum(OperatorSite site, long from, long to) =>
        Coupling(site).Refusal is { } refusal ? OperatorCut.Refused(refusal)
        : site.Operator.GetInt("group", 1) != 1 ? OperatorCut.Refused("its groups do not sum over all input channels")
        : PartialSum(site, 1, from, to);
}

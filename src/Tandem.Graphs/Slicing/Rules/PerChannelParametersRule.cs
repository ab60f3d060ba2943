namespace Tandem.Graphs.Slicing.Rules;

/// <summary>BatchNormalization at inference: elementwise, with one set of constant parameters per channel.</summary>
internal sealed class PerChannelParametersRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["BatchNormalization"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        TensorRange[] inputs = site.WholeInputs();
        int axis = Ranges.RowAxis(site.OutputShape);
        inputs[0] = site.InputRange(0, axis, from, to);
        return OperatorCut.Of(site.Operator, inputs, site.OutputRange(axis, from, to));
    }

    public override ChannelCoupling Coupling(OperatorSite site) => CouplingOfParameters(site);

    public override OperatorCut Channels(OperatorSite site, long from, long to) => ChannelsOfParameters(site, from, to);

    /// <summary>Channel by channel, where every input but the first is a constant.</summary>
    public static ChannelCoupling CouplingOfParameters(OperatorSite site) =>
        Enumerable.Range(1, site.InputCount - 1).Any(site.IsVariable)
            ? ChannelCoupling.Refused("its parameters are not constant")
            : ChannelCoupling.OneToOne(site);

    /// <summary>Cuts the first input along axis 1 and all others along axis 0.</summary>
    public static OperatorCut ChannelsOfParameters(OperatorSite site, long from, long to)
    {
        TensorRange[] inputs = site.WholeInputs();
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = site.InputRange(i, i == 0 ? 1 : 0, from, to);
        }
        return OperatorCut.Of(site.Operator, inputs, site.OutputRange(1, from, to));
    }
}

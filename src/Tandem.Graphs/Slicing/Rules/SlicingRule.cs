namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// How one family of operators is cut. To teach the slicer an operator, write a rule (or add the type to one) and list
/// the rule in <see cref="SlicingRules"/>. A cut that a rule does not override is refused.
/// </summary>
internal abstract class SlicingRule
{
    /// <summary>The ONNX operator types that the rule knows.</summary>
    public abstract IReadOnlyList<string> Types { get; }

    /// <summary>Cuts the operator so that it makes (at least) rows [from, to) of its outputs.</summary>
    public virtual OperatorCut Rows(OperatorSite site, long from, long to) =>
        OperatorCut.Refused("it cannot be cut by rows");

    /// <summary>Which input channels go with which output channels.</summary>
    public virtual ChannelCoupling Coupling(OperatorSite site) =>
        ChannelCoupling.Refused("it cannot be cut by channels");

    /// <summary>
    /// Cuts the operator so that it makes channels [from, to) of its output, both multiples of the coupling's step.
    /// </summary>
    public virtual OperatorCut Channels(OperatorSite site, long from, long to) =>
        OperatorCut.Refused("it cannot be cut by channels");

    /// <summary>Whether the operators sum products over input channels, so that they may have partial sums.</summary>
    public virtual bool IsProduct => false;

    /// <summary>
    /// Cuts the operator so that it sums over channels [from, to) of its first input only. Partial sums add up to the whole, so
    /// the one that begins with channel 0 has the bias.
    /// </summary>
    public virtual OperatorCut PartialSum(OperatorSite site, long from, long to) =>
        OperatorCut.Refused("it does not sum over input channels");

    /// <summary>The partial sum of a product whose weights are its second input and whose bias, if any, is its third.</summary>
    private protected static OperatorCut PartialSum(OperatorSite site, int weightAxis, long from, long to)
    {
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, 1, from, to);
        inputs[1] = site.InputRange(1, weightAxis, from, to);
        Operator op = from == 0 ? site.Operator : site.Operator.With(inputs: [.. site.Operator.Inputs.Take(2)]);
        return OperatorCut.Of(op, inputs, TensorRange.Whole);
    }
}

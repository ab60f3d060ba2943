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
}

namespace Tandem.Graphs.Slicing.Rules;

/// <summary>Global pooling: channels one to one; one output needs every row.</summary>
internal sealed class GlobalPoolingRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        OperatorCut.Refused("it needs every row of its input");

    public override ChannelCoupling Coupling(OperatorSite site) => ChannelCoupling.OneToOne(site);

    public override OperatorCut Channels(OperatorSite site, long from, long to) =>
        OperatorCut.Of(site.Operator, [site.InputRange(0, 1, from, to)], site.OutputRange(1, from, to));
}

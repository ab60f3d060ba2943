namespace Tandem.Graphs.Slicing.Rules;

/// <summary>MaxPool, AveragePool, LpPool: rows with halo; channels one to one.</summary>
internal sealed class PoolingRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["MaxPool", "AveragePool", "LpPool"];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        new Window(site).TryCut(from, to, out WindowCut cut)
            ? cut.Apply(site)
            : OperatorCut.Refused("every output lies in padding");

    public override ChannelCoupling Coupling(OperatorSite site) => ChannelCoupling.OneToOne(site);

    public override OperatorCut Channels(OperatorSite site, long from, long to) =>
        OperatorCut.Of(site.Operator, [site.InputRange(0, 1, from, to)], site.OutputRange(1, from, to));
}

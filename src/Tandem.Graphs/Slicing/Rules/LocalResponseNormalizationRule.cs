namespace Tandem.Graphs.Slicing.Rules;

/// <summary>LRN: normalises across channels, so rows are independent of each other and channels are not.</summary>
internal sealed class LocalResponseNormalizationRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["LRN"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        int axis = Ranges.RowAxis(site.OutputShape);
        return OperatorCut.Of(site.Operator, [site.InputRange(0, axis, from, to)], site.OutputRange(axis, from, to));
    }

    public override ChannelCoupling Coupling(OperatorSite site) =>
        ChannelCoupling.Refused("it normalises across channels");
}

namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// Crop (experimental, opset 1): attribute border is left, top, right, bottom; scale, where given, is the height and
/// width that remain. A row slice reads just its rows and crops columns only.
/// </summary>
internal sealed class CropRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Crop"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        if (site.Operator.GetInts("border") is not { Count: 4 } border)
        {
            return OperatorCut.Refused("its border does not have four numbers");
        }
        AttributeValue? scale = site.Operator.GetInts("scale") is { Count: 2 } size
            ? new AttributeValue.Ints([to - from, size[1]])
            : null;
        Operator op = site.WithAttributes(
            ("border", new AttributeValue.Ints([border[0], 0, border[2], 0])),
            ("scale", scale));
        return OperatorCut.Of(op, [site.InputRange(0, 2, from + border[1], to + border[1])],
            site.OutputRange(2, from, to));
    }

    public override ChannelCoupling Coupling(OperatorSite site) => ChannelCoupling.OneToOne(site);

    public override OperatorCut Channels(OperatorSite site, long from, long to) =>
        OperatorCut.Of(site.Operator, [site.InputRange(0, 1, from, to)], site.OutputRange(1, from, to));
}

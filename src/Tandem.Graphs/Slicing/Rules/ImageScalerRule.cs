namespace Tandem.Graphs.Slicing.Rules;

/// <summary>ImageScaler (experimental, opset 1): elementwise, with one bias per channel in an attribute.</summary>
internal sealed class ImageScalerRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["ImageScaler"];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        OperatorCut.Of(site.Operator, [site.InputRange(0, 2, from, to)], site.OutputRange(2, from, to));

    public override ChannelCoupling Coupling(OperatorSite site) => ChannelCoupling.OneToOne(site);

    public override OperatorCut Channels(OperatorSite site, long from, long to)
    {
        Operator op = site.Operator;
        if (op.Attributes.GetValueOrDefault("bias") is AttributeValue.Floats bias)
        {
            float[] cut = [.. bias.Values.Skip((int)from).Take((int)(to - from))];
            op = site.WithAttributes(("bias", new AttributeValue.Floats(cut)));
        }
        return OperatorCut.Of(op, [site.InputRange(0, 1, from, to)], site.OutputRange(1, from, to));
    }
}

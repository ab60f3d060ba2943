namespace Tandem.Graphs.Slicing.Rules;

/// <summary>InstanceNormalization: channel by channel; mean and variance need every row.</summary>
internal sealed class InstanceNormalizationRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["InstanceNormalization"];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        OperatorCut.Refused("its mean and variance need every row");

    public override ChannelCoupling Coupling(OperatorSite site) => PerChannelParametersRule.CouplingOfParameters(site);

    public override OperatorCut Channels(OperatorSite site, long from, long to) =>
        PerChannelParametersRule.ChannelsOfParameters(site, from, to);
}

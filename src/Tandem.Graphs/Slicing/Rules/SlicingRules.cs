namespace Tandem.Graphs.Slicing.Rules;

/// <summary>The slicing rules by operator type.</summary>
internal static class SlicingRules
{
    private static readonly SlicingRule Unknown = new UnknownOperatorRule();

    private static readonly Dictionary<string, SlicingRule> ByType = Index(
        new ConvolutionRule(),
        new TransposedConvolutionRule(),
        new MatrixProductRule(),
        new PoolingRule(),
        new GlobalPoolingRule(),
        new ElementwiseRule(),
        new PerChannelParametersRule(),
        new InstanceNormalizationRule(),
        new ImageScalerRule(),
        new CropRule(),
        new PadRule(),
        new ResizeRule(),
        new LocalResponseNormalizationRule(),
        new ConcatenationRule(),
        new SplitRule(),
        new SoftmaxRule(),
        new ReductionRule(),
        new ReshapeRule(),
        new TransposeRule(),
        new SpaceDepthRule());

    /// <summary>The rule of an operator; one that refuses every cut where none is registered.</summary>
    public static SlicingRule For(Operator op) =>
        op.Domain is "" or "ai.onnx" ? ByType.GetValueOrDefault(op.Type, Unknown) : Unknown;

    private static Dictionary<string, SlicingRule> Index(params ReadOnlySpan<SlicingRule> rules)
    {
        Dictionary<string, SlicingRule> byType = [];
        foreach (SlicingRule rule in rules)
        {
            foreach (string type in rule.Types)
            {
                byType.Add(type, rule);
            }
        }
        return byType;
    }

    private sealed class UnknownOperatorRule : SlicingRule
    {
        public override IReadOnlyList<string> Types => [];
    }
}

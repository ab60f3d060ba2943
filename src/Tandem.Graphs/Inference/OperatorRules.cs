using Tandem.Graphs.Inference.Rules;

namespace Tandem.Graphs.Inference;

/// <summary>The rules of all operators that Tandem knows, by domain and type.</summary>
internal static class OperatorRules
{
    private static readonly Dictionary<(string Domain, string Type), IOperatorRule> Rules = Index(
    [
        new UnaryRule(), new NormalizationRule(), new BatchNormalizationRule(), new LayerNormalizationRule(), new DropoutRule(),
        new PReluRule(), new BroadcastRule(), new ComparisonRule(), new WhereRule(), new LogicalNotRule(),
        new ConvRule(), new ConvRule("com.microsoft", "FusedConv"), new ConvTransposeRule(),
        new PoolRule(), new GlobalPoolRule(),
        new GemmRule(), new GemmRule("com.microsoft", "FusedGemm"), new MatMulRule(),
        new FusedMatMulRule(), new MicrosoftActivationRule(),
        new ReshapeRule(), new FlattenRule(), new TransposeRule(), new SqueezeRule(), new UnsqueezeRule(),
        new ExpandRule(), new TileRule(),
        new ConcatRule(), new SplitRule(), new SliceRule(), new GatherRule(), new GatherElementsRule(), new GatherNDRule(),
        new ScatterRule(),
        new PadRule(), new CropRule(), new DepthToSpaceRule(), new SpaceToDepthRule(),
        new UpsampleRule(), new ResizeRule(),
        new ReduceRule(), new ArgReduceRule(),
        new ShapeRule(), new SizeRule(), new ConstantRule(), new ConstantOfShapeRule(), new CastRule(), new RangeRule(),
        new QuantizeLinearRule(), new DequantizeLinearRule(),
        new ConvRule(BlockedLayoutRule.BlockedDomain, "Conv"), new GlobalPoolRule(BlockedLayoutRule.BlockedDomain),
        new PoolRule(BlockedLayoutRule.BlockedDomain), new BlockedLayoutRule(),
    ]);

    /// <summary>Every operator that is known.</summary>
    public static IReadOnlyCollection<(string Domain, string Type)> Known => Rules.Keys;

    /// <summary>The rule of an operator type; null where it is not known.</summary>
    public static IOperatorRule? Find(string domain, string type) => Rules.GetValueOrDefault((domain, type));

    private static Dictionary<(string Domain, string Type), IOperatorRule> Index(IEnumerable<IOperatorRule> rules) =>
        rules.SelectMany(rule => rule.Types.Select(type => (Key: (rule.Domain, type), rule)))
            .ToDictionary(entry => entry.Key, entry => entry.rule);
}

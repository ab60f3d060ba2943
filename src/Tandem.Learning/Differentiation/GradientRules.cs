using Tandem.Graphs;
using Tandem.Learning.Differentiation.Rules;

namespace Tandem.Learning.Differentiation;

/// <summary>The gradient rules of all operators that have one, by type.</summary>
internal static class GradientRules
{
    private static readonly Dictionary<string, IGradientRule> Rules = new IGradientRule[]
    {
        new ConvolutionGradient(), new TransposedConvolutionGradient(),
        new BatchNormalizationGradient(), new InstanceNormalizationGradient(), new LayerNormalizationGradient(),
        new LocalResponseNormalizationGradient(),
        new AveragePoolGradient(), new GlobalAveragePoolGradient(), new MaxPoolGradient(), new GlobalMaxPoolGradient(),
        new GemmGradient(), new MatMulGradient(),
        new AddGradient(), new SubGradient(), new MulGradient(), new DivGradient(), new PowGradient(), new ExtremeGradient(),
        new SumGradient(), new WhereGradient(),
        new ReluGradient(), new LeakyReluGradient(), new PReluGradient(), new ClipGradient(), new EluGradient(),
        new SigmoidGradient(), new TanhGradient(), new HardSigmoidGradient(), new HardSwishGradient(), new SoftplusGradient(),
        new ExpGradient(), new LogGradient(), new SqrtGradient(), new ReciprocalGradient(), new ErfGradient(),
        new GeluGradient(), new MishGradient(), new SoftsignGradient(), new SeluGradient(),
        new NegGradient(), new AbsGradient(), new SineGradient(), new IdentityGradient(), new StepGradient(),
        new SoftmaxGradient(), new LogSoftmaxGradient(),
        new ReduceSumGradient(), new ReduceMeanGradient(), new ReduceExtremeGradient(), new ReduceSumSquareGradient(),
        new ReshapeGradient(), new TransposeGradient(), new ExpandGradient(), new TileGradient(),
        new ConcatGradient(), new SplitGradient(), new SliceGradient(), new PadGradient(), new ResizeGradient(),
        new GatherGradient(), new GatherElementsGradient(), new GatherNDGradient(),
        new ScatterElementsGradient(), new ScatterNDGradient(),
        new DepthToSpaceGradient(), new SpaceToDepthGradient(),
    }.SelectMany(rule => rule.Types.Select(type => (type, rule))).ToDictionary(entry => entry.type, entry => entry.rule);

    /// <summary>Every operator type that has a rule.</summary>
    public static IReadOnlyCollection<string> Types => Rules.Keys;

    /// <summary>The rule of an operator; null where there is none.</summary>
    public static IGradientRule? Find(Operator op) => op.Domain.Length == 0 ? Rules.GetValueOrDefault(op.Type) : null;
}

using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>The operators that the OpenCL processor can run, by type.</summary>
internal static class OperatorLowerings
{
    private static readonly Dictionary<string, IOperatorLowering> ByType = Register(
        new ConvolutionLowering(),
        new TransposedConvolutionLowering(),
        new GemmLowering(),
        new MatMulLowering(),
        new PoolingLowering(),
        new GlobalPoolingLowering(),
        new ActivationLowering(),
        new UnaryLowering(),
        new BinaryLowering(),
        new ChannelScaleLowering(),
        new AliasLowering(),
        new CastLowering(),
        new ShapeLowering(),
        new ConcatLowering(),
        new SplitLowering(),
        new SliceLowering(),
        new TransposeLowering(),
        new DepthSpaceLowering(),
        new PadLowering(),
        new ResizeLowering(),
        new ReduceLowering(),
        new SoftmaxLowering(),
        new LocalResponseNormalizationLowering(),
        new InstanceNormalizationLowering(),
        new LpNormalizationLowering());

    /// <summary>The types of operators that can be run.</summary>
    internal static IReadOnlyCollection<string> Types => ByType.Keys;

    /// <summary>What lowers an operator.</summary>
    /// <exception cref="SliceRefusedException">Nothing does.</exception>
    internal static IOperatorLowering Find(Operator op, SliceCompiler compiler) =>
        op.Domain is "" or "ai.onnx" or "com.microsoft" && ByType.TryGetValue(op.Type, out IOperatorLowering? lowering)
            ? lowering
            : throw compiler.Refuse(op, "the OpenCL processor has no kernel for this operator");

    private static Dictionary<string, IOperatorLowering> Register(params IOperatorLowering[] lowerings) =>
        lowerings.SelectMany(lowering => lowering.Types.Select(type => (type, lowering)))
            .ToDictionary(entry => entry.type, entry => entry.lowering);
}

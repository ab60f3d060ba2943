using Tandem.Prediction.Codl;

namespace Tandem.Prediction.Kernels;

/// <summary>
/// Kernels that follow one law: CoDL's types for what has weights, and one family each for what goes element by element, moves
/// elements, pools and normalises.
/// </summary>
internal static class KernelFamily
{
    public const string Elementwise = "elementwise";
    public const string Movement = "movement";
    public const string Normalization = "normalization";
    public const string Pooling = "pooling";
    public const string OtherConvolution = "conv other";

    private static readonly string[] Names =
    [
        "any", "blocked", "pointwise", "winograd 4x4", "winograd 2x2", "first layer", "rows", "full", "depthwise", "grouped pointwise",
        "channel blocks", "image to blocks", "matrix product",
    ];

    private static readonly Dictionary<string, string> ByType = new()
    {
        ["Concat"] = Movement,
        ["Split"] = Movement,
        ["Reshape"] = Movement,
        ["Flatten"] = Movement,
        ["Squeeze"] = Movement,
        ["Unsqueeze"] = Movement,
        ["Identity"] = Movement,
        ["Dropout"] = Movement,
        ["Transpose"] = Movement,
        ["Crop"] = Movement,
        ["Slice"] = Movement,
        ["Pad"] = Movement,
        ["Resize"] = Movement,
        ["Upsample"] = Movement,
        ["DepthToSpace"] = Movement,
        ["SpaceToDepth"] = Movement,
        ["LRN"] = Normalization,
        ["InstanceNormalization"] = Normalization,
        ["LpNormalization"] = Normalization,
        ["Softmax"] = Normalization,
        ["LogSoftmax"] = Normalization,
        ["pooling"] = Pooling,
        ["GlobalAveragePool"] = Pooling,
        ["GlobalMaxPool"] = Pooling,
        ["ReduceMean"] = Pooling,
        ["conv strided"] = OtherConvolution,
        ["conv"] = OtherConvolution,
        ["ConvTranspose"] = OtherConvolution,
    };

    /// <summary>
    /// The families of a kernel, the finest first; those that were measured too little are left to the next. With weights: the type, the
    /// engine's algorithm, window and stride; the type with the algorithm; the type. Without: the family with the operators (and the window of what pools); the family.
    /// </summary>
    public static IEnumerable<string> Of(KernelConfiguration kernel, ConvolutionEngine engine)
    {
        KernelShape shape = kernel.Shape;
        string type = OfType(shape);
        if (shape.Weights == 0)
        {
            if (engine == ConvolutionEngine.OnnxRuntime && shape.WindowRows > 1 && type == Pooling)
            {
                // ONNX Runtime pools in blocks of channels where these divide them.
                string blocks = shape.Channels % ConvolutionPaths.Lanes == 0 ? "whole" : "part";
                yield return FormattableString.Invariant(
                    $"{type}, {kernel.Operators} {shape.WindowRows}x{shape.WindowColumns}/{shape.StrideRows} of {blocks} blocks");
            }
            yield return $"{type}, {kernel.Operators}";
        }
        else if (ConvolutionPaths.Of(shape, engine) is not ConvolutionPath.Any and ConvolutionPath path)
        {
            yield return FormattableString.Invariant($"{type}, {Name(path)} {shape.WindowRows}x{shape.WindowColumns}/{shape.StrideRows}");
            yield return $"{type}, {Name(path)}";
        }
        yield return type;
    }

    /// <summary>The family by which an engine's algorithms are told apart.</summary>
    public static string OfAlgorithm(in KernelShape shape, ConvolutionEngine engine) =>
        ConvolutionPaths.Of(shape, engine) is not ConvolutionPath.Any and ConvolutionPath path ? $"{OfType(shape)}, {Name(path)}" : OfType(shape);

    private static string Name(ConvolutionPath path) => Names[(int)path];

    /// <summary>The family of a kernel, whatever computes it; what is not known is taken to go element by element.</summary>
    public static string OfType(in KernelShape shape) =>
        ByType.TryGetValue(shape.Type, out string? family) ? family
        : shape.Type == "product" || shape.Type.StartsWith("conv", StringComparison.Ordinal) ? shape.Type
        : Elementwise;
}

namespace Tandem.Graphs.Quantization;

/// <summary>A convolution or matrix product with constant weights, as ONNX Runtime has an integer kernel for it.</summary>
/// <param name="Weights">The weights, Float32.</param>
/// <param name="ChannelAxis">Their axis of output channels.</param>
/// <param name="Bias">A number for each output channel, or null.</param>
internal sealed record ProductSite(Constant Weights, int ChannelAxis, Constant? Bias)
{
    /// <summary>The product that an operator is, or null where it is none with an integer kernel.</summary>
    public static ProductSite? Of(Graph graph, Operator op)
    {
        if (op.Domain.Length > 0 || op.Type is not ("Conv" or "Gemm" or "MatMul") || FloatConstant(graph, op, 1) is not { } weights)
        {
            return null;
        }
        int? axis = op.Type switch
        {
            "Conv" => 0,
            "Gemm" when IsPlain(op) => op.GetInt("transB", 0) == 0 ? 1 : 0,
            "MatMul" when weights.Tensor.Shape.Rank == 2 => 1,
            _ => null,
        };
        if (axis is null || !op.HasInput(2))
        {
            return axis is null ? null : new ProductSite(weights, axis.Value, null);
        }
        Constant? bias = FloatConstant(graph, op, 2);
        return bias?.Tensor.Shape.ElementCount == weights.Tensor.Shape[axis.Value] ? new ProductSite(weights, axis.Value, bias) : null;
    }

    private static bool IsPlain(Operator gemm) =>
        gemm.GetInt("transA", 0) == 0 && gemm.GetFloat("alpha", 1) == 1 && gemm.GetFloat("beta", 1) == 1;

    private static Constant? FloatConstant(Graph graph, Operator op, int input) =>
        op.HasInput(input) && graph.Constants.TryGetValue(op.Inputs[input], out Constant? constant)
            && constant.Tensor.Type == ElementType.Float32 ? constant : null;
}

using Tandem.Graphs;
using Tandem.Graphs.Costs;
using Tandem.Graphs.Kernels;

namespace Tandem.Prediction.MuLayer;

/// <summary>
/// What a layer's latency is regressed on: Neurosurgeon's two variables of its layer type, with the split ratio in those that
/// shrink with it.
/// </summary>
/// <remarks>
/// Kang et al., "Neurosurgeon", ASPLOS 2017, as muLayer uses it (Kim et al., EuroSys 2019). With a ratio p of the output channels:
/// <list type="bullet">
/// <item>convolution: X1 = elements of the input, X2 = p * (filter size / stride)^2 * filters / groups;</item>
/// <item>depthwise convolution: X1 = p * elements of the input, X2 = (filter size / stride)^2;</item>
/// <item>transposed convolution: X1 = elements of the input, X2 = p * filter size^2 * filters / groups;</item>
/// <item>fully connected: X1 = elements of the input, X2 = p * output neurons;</item>
/// <item>pooling and everything else: X1 = p * elements of the inputs, X2 = p * elements of the outputs.</item>
/// </list>
/// </remarks>
/// <param name="LayerType">The type; layers of one type share a regression.</param>
/// <param name="X1">The first variable.</param>
/// <param name="X2">The second variable.</param>
/// <param name="IsProduct">Whether the layer is a sum of products, so that X1 * X2 stands for its work.</param>
/// <param name="Flops">Floating-point operations: two for each multiply-accumulate, one for each element of the output.</param>
public readonly record struct LayerFeatures(string LayerType, double X1, double X2, bool IsProduct, double Flops)
{
    /// <summary>What stands for the layer's work: it is proportional to the split ratio.</summary>
    public double Work => IsProduct ? X1 * X2 : X1;

    /// <summary>The features of a part of a kernel.</summary>
    /// <param name="graph">The prepared graph that the kernel belongs to.</param>
    /// <param name="kernel">The kernel; the first operator that is a sum of products tells its type, else the first of all.</param>
    /// <param name="ratio">The part of its output channels that is computed, above 0 and at most 1.</param>
    public static LayerFeatures Of(Graph graph, Kernel kernel, double ratio)
    {
        Operator main = kernel.Operators.FirstOrDefault(op => OperatorCost.Of(op, graph).Macs > 0) ?? kernel.Operators[0];
        double flops = ratio * (2.0 * kernel.Operators.Sum(op => OperatorCost.Of(op, graph).Macs) + Elements(graph, kernel.Outputs));
        switch (main.Type)
        {
            case "Conv" or "ConvTranspose":
                return Convolution(graph, main, ratio, flops);
            case "Gemm" or "MatMul":
                Shape output = graph.Tensors[main.Outputs[0]].Shape;
                double neurons = output.Rank == 0 ? 1 : output[output.Rank - 1];
                return new("FullyConnected", Elements(graph, [main.Inputs[0]]), ratio * neurons, true, flops);
            default:
                string type = main.Type.EndsWith("Pool", StringComparison.Ordinal) ? "Pooling" : main.Type;
                return new(type, ratio * Elements(graph, kernel.Inputs), ratio * Elements(graph, kernel.Outputs), false, flops);
        }
    }

    private static LayerFeatures Convolution(Graph graph, Operator op, double ratio, double flops)
    {
        Shape weights = graph.Tensors[op.Inputs[1]].Shape;
        double input = Elements(graph, [op.Inputs[0]]);
        double window = weights.Product(2, weights.Rank);
        long groups = op.GetInt("group", 1);
        double filters = graph.Tensors[op.Outputs[0]].Shape[1];
        if (op.Type == "ConvTranspose")
        {
            return new(op.Type, input, ratio * window * filters / groups, true, flops);
        }
        double perInput = window / (op.GetInts("strides")?.Aggregate(1.0, (product, stride) => product * stride) ?? 1);
        return groups > 1 && weights[1] == 1
            ? new("DepthwiseConv", ratio * input, perInput * filters / groups, true, flops)
            : new(op.Type, input, ratio * perInput * filters / groups, true, flops);
    }

    // A tensor without elements would have no logarithm.
    private static double Elements(Graph graph, IReadOnlyList<string> tensors) =>
        Math.Max(1, tensors.Sum(tensor => (double)graph.Tensors[tensor].Shape.ElementCount));
}

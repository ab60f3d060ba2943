namespace Tandem.Graphs.Quantization;

/// <summary>
/// Quantises a float32 graph for integer kernels: bytes with a zero point for activations, signed bytes with a scale for each output
/// channel for weights. The graph's inputs and outputs stay as they are.
/// </summary>
/// <remarks>
/// The result is standard ONNX (operator set 13) in the form of QuantizeLinear and DequantizeLinear around operators that stay what
/// they were: ONNX Runtime fuses these into its integer kernels, and any other runtime computes the same numbers in float32.
/// Operators without an integer kernel stay in float32 between a dequantised input and a float output.
/// </remarks>
public static class GraphQuantizer
{
    /// <summary>The operator set that has scales per channel.</summary>
    public const int LeastOpset = 13;

    /// <summary>Whether a graph has a convolution or matrix product that can be quantised.</summary>
    public static bool HasProducts(Graph graph) => graph.Operators.Any(op => ProductSite.Of(graph, op) is not null);

    /// <summary>Quantises a graph.</summary>
    /// <param name="graph">A graph in float32; a slice of a network, or all of it.</param>
    /// <param name="rangeOf">The range of each float32 tensor that is computed or fed, by name.</param>
    /// <param name="options">How to quantise; null for the defaults.</param>
    /// <returns>A graph with the same inputs and outputs; the given one where nothing in it can be quantised.</returns>
    /// <exception cref="QuantizationException">The graph's operator set is too old, or a range is infinite.</exception>
    public static Graph Quantize(Graph graph, Func<string, ValueRange> rangeOf, QuantizationOptions? options = null)
    {
        if (graph.Opset < LeastOpset)
        {
            throw new QuantizationException($"network '{graph.Name}' has operator set {graph.Opset}, and quantisation needs "
                + $"{LeastOpset} or later: export it again with a newer operator set");
        }
        var choice = new QuantizedPart(graph);
        return choice.Operators.Count == 0
            ? graph
            : new QuantizedGraphBuilder(graph, choice, rangeOf, options ?? new QuantizationOptions()).Build();
    }
}

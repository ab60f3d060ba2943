namespace Tandem.Graphs.Quantization;

/// <summary>Which operators of a graph ONNX Runtime runs on bytes.</summary>
internal static class QuantizableOperators
{
    private static readonly HashSet<string> _rescaling = ["Add", "Concat", "AveragePool", "GlobalAveragePool"];
    private static readonly HashSet<string> _moving = ["MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze"];

    /// <summary>Whether an operator only moves or picks elements: its output has the quantisation of its first input.</summary>
    public static bool Moves(Operator op) => op.Domain.Length == 0 && _moving.Contains(op.Type) && op.Outputs.Count == 1;

    /// <summary>Whether an operator has an integer kernel that computes its output on another scale than its inputs.</summary>
    public static bool Rescales(Graph graph, Operator op) =>
        op.Domain.Length == 0 && _rescaling.Contains(op.Type) && op.Inputs.All(input => IsActivation(graph, input));

    /// <summary>The inputs of a quantised operator that are quantised.</summary>
    public static IEnumerable<int> Activations(Graph graph, Operator op) =>
        Rescales(graph, op) ? Enumerable.Range(0, op.Inputs.Count) : [0];

    /// <summary>Whether a tensor is computed, in float32.</summary>
    public static bool IsActivation(Graph graph, string tensor) =>
        !graph.Constants.ContainsKey(tensor) && graph.Tensors.GetValueOrDefault(tensor)?.Type == ElementType.Float32;

    /// <summary>
    /// Whether an operator is a Relu, or a Clip that begins at zero: bytes with zero point 0 saturate where it cuts.
    /// </summary>
    public static bool CutsAtZero(Graph graph, Operator op) => op.Domain.Length == 0 && op.Type switch
    {
        "Relu" => true,
        "Clip" => op.HasInput(1) && graph.Constants.TryGetValue(op.Inputs[1], out Constant? least)
            && least.Tensor.Type == ElementType.Float32 && least.AsSpan<float>()[0] == 0,
        _ => false,
    };
}

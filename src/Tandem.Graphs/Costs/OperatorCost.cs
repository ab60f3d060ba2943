namespace Tandem.Graphs.Costs;

/// <summary>What an operator or a whole graph costs, whatever runs it.</summary>
/// <param name="Macs">
/// Multiply-accumulates of Conv, ConvTranspose, Gemm and MatMul (also as ONNX Runtime fuses them), without biases;
/// zero for every other operator.
/// </param>
/// <param name="ReadBytes">Bytes of all inputs, weights included, each tensor once.</param>
/// <param name="WriteBytes">Bytes of all outputs.</param>
/// <param name="ParameterCount">Elements of all constants among the inputs, of any element type.</param>
public readonly record struct OperatorCost(long Macs, long ReadBytes, long WriteBytes, long ParameterCount)
{
    /// <summary>The cost of one operator of a graph.</summary>
    public static OperatorCost Of(Operator op, Graph graph)
    {
        List<Tensor> inputs = [.. Given(op.Inputs, graph)];
        return new OperatorCost(
            MacCounts.Of(op, graph),
            inputs.Sum(t => t.SizeInBytes),
            Given(op.Outputs, graph).Sum(t => t.SizeInBytes),
            inputs.Where(t => graph.Constants.ContainsKey(t.Name)).Sum(t => t.Shape.ElementCount));
    }

    /// <summary>
    /// The cost of a graph: the sum over its operators, except that constants count once, however many operators read them
    /// (as parameters; their bytes count for each reader).
    /// </summary>
    public static OperatorCost Of(Graph graph)
    {
        OperatorCost sum = default;
        foreach (Operator op in graph.Operators)
        {
            OperatorCost cost = Of(op, graph);
            sum = new OperatorCost(
                sum.Macs + cost.Macs, sum.ReadBytes + cost.ReadBytes, sum.WriteBytes + cost.WriteBytes, 0);
        }
        return sum with { ParameterCount = graph.Constants.Values.Sum(c => c.Tensor.Shape.ElementCount) };
    }

    private static IEnumerable<Tensor> Given(IReadOnlyList<string> names, Graph graph) =>
        names.Where(name => name.Length > 0).Distinct().Select(name => graph.Tensors[name]);
}

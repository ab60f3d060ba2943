namespace Tandem.Graphs.Kernels;

/// <summary>
/// Joins a convolution with the addition of a residual tensor and the activation after it, as ONNX Runtime does on the CPU at
/// its layout level (NchwcTransformer, ConvAddActivationFusion). Graphs of that level cannot be saved, so this is found by rule
/// where all else is read back from what the runtime saved.
/// </summary>
internal static class ResidualFusion
{
    /// <summary>The groups, with additions and their activations moved into the group of the convolution before them.</summary>
    /// <param name="graph">The graph that the operators are of.</param>
    /// <param name="groups">Each operator in exactly one group.</param>
    public static IReadOnlyList<IReadOnlyList<Operator>> Join(Graph graph, IReadOnlyList<IReadOnlyList<Operator>> groups)
    {
        var places = graph.Operators.Select((op, index) => (op, index)).ToDictionary(p => p.op, p => p.index);
        Dictionary<Operator, List<Operator>> groupOf = [];
        foreach (IReadOnlyList<Operator> group in groups)
        {
            List<Operator> own = [.. group];
            own.ForEach(op => groupOf[op] = own);
        }
        foreach (Operator addition in graph.Operators.Where(op => IsResidual(graph, op) && groupOf[op].Count == 1))
        {
            // The later of two, because the other operand has to be there before it begins.
            Operator? product = addition.Inputs.Select(graph.Producer).OfType<Operator>()
                .Where(op => EndsWithConvolution(groupOf[op], op) && FusionPattern.OnlyReader(graph, op) == addition)
                .MaxBy(op => places[op]);
            if (product is not null)
            {
                Move(addition, groupOf[product], groupOf);
                if (FusionPattern.ActivationAfter(graph, addition) is { } activation && groupOf[activation].Count == 1)
                {
                    Move(activation, groupOf[product], groupOf);
                }
            }
        }
        return [.. groupOf.Values.Distinct()];
    }

    private static bool EndsWithConvolution(List<Operator> group, Operator last) => group[^1] == last
        && group[0].Type == "Conv" && group.Skip(1).All(op => op.Type == "BatchNormalization");

    private static void Move(Operator op, List<Operator> group, Dictionary<Operator, List<Operator>> groupOf)
    {
        group.Add(op);
        groupOf[op] = group;
    }

    private static bool IsResidual(Graph graph, Operator op) => op is { Type: "Add", Domain: "" }
        && op.Inputs.All(input => !graph.Constants.ContainsKey(input)
            && graph.Tensors[input].Shape.Equals(graph.Tensors[op.Outputs[0]].Shape));
}

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
        Dictionary<Operator, int> depths = Depths(graph);
        Dictionary<Operator, List<Operator>> groupOf = [];
        foreach (IReadOnlyList<Operator> group in groups)
        {
            List<Operator> own = [.. group];
            own.ForEach(op => groupOf[op] = own);
        }
        foreach (Operator addition in graph.Operators.Where(op => IsResidual(graph, op) && groupOf[op].Count == 1))
        {
            // Of two the deeper, whose branch takes longer: the other operand has to be there before the kernel begins.
            Operator? product = addition.Inputs.Select(graph.Producer).OfType<Operator>()
                .Where(op => EndsWithConvolution(groupOf[op], op) && FusionPattern.OnlyReader(graph, op) == addition)
                .MaxBy(op => depths[op]);
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

    /// <summary>The most operators on a way from the graph's inputs to each.</summary>
    private static Dictionary<Operator, int> Depths(Graph graph)
    {
        Dictionary<Operator, int> depths = [];
        foreach (Operator op in graph.Operators)
        {
            depths[op] = 1 + op.Inputs.Select(graph.Producer).OfType<Operator>().Select(maker => depths[maker]).DefaultIfEmpty().Max();
        }
        return depths;
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

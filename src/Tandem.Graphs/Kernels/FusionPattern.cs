namespace Tandem.Graphs.Kernels;

/// <summary>The fusions that practically every runtime does: a product, its normalisation, its activation.</summary>
internal static class FusionPattern
{
    private static readonly HashSet<string> Products = ["Conv", "ConvTranspose", "Gemm", "MatMul"];

    private static readonly HashSet<string> Activations =
        ["Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu"];

    /// <summary>The operators that are fused with the given one as the first: itself, and what follows it.</summary>
    public static List<Operator> StartingAt(Graph graph, Operator first)
    {
        List<Operator> group = [first];
        if (!Products.Contains(first.Type))
        {
            return group;
        }
        if (OnlyReader(graph, group[^1]) is { Type: "BatchNormalization" } normalisation)
        {
            group.Add(normalisation);
        }
        if (OnlyReader(graph, group[^1]) is { } reader && Activations.Contains(reader.Type))
        {
            group.Add(reader);
        }
        return group;
    }

    // The one operator that reads an operator's first output as its first input, where nobody else sees that output.
    private static Operator? OnlyReader(Graph graph, Operator op)
    {
        string output = op.Outputs[0];
        return graph.Outputs.Any(o => o.Name == output) || graph.Consumers(output) is not [var reader]
            || reader.Inputs[0] != output
            ? null
            : reader;
    }
}

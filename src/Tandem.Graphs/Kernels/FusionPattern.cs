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
        if (OnlyReader(graph, first) is { Type: "BatchNormalization" } normalisation
            && normalisation.Inputs[0] == first.Outputs[0])
        {
            group.Add(normalisation);
        }
        if (ActivationAfter(graph, group[^1]) is { } activation)
        {
            group.Add(activation);
        }
        return group;
    }

    /// <summary>The activation that alone reads what an operator makes; null where there is none.</summary>
    public static Operator? ActivationAfter(Graph graph, Operator op) =>
        OnlyReader(graph, op) is { } reader && Activations.Contains(reader.Type) && reader.Inputs[0] == op.Outputs[0] ? reader : null;

    /// <summary>The one operator that reads an operator's first output, once, where nobody else sees that output; null where there is none.</summary>
    public static Operator? OnlyReader(Graph graph, Operator op)
    {
        string output = op.Outputs[0];
        return graph.Outputs.All(o => o.Name != output) && graph.Consumers(output) is [var reader]
            && reader.Inputs.Count(input => input == output) == 1
            ? reader
            : null;
    }
}

namespace Tandem.Graphs.Inference;

/// <summary>Writes a Sum of two tensors as Add, which runtimes fuse with the convolution before it where they leave Sum alone.</summary>
public static class SumRewriting
{
    /// <summary>The graph with Add in place of Sum wherever it has two operands.</summary>
    public static Graph Apply(Graph graph) => graph.Operators.Any(IsSumOfTwo)
        ? new Graph(
            graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(output => output.Name)],
            [.. graph.Operators.Select(op => IsSumOfTwo(op) ? new Operator(op.Name, "Add", op.Inputs, op.Outputs) : op)],
            graph.Constants.Values)
        {
            Metadata = graph.Metadata,
        }
        : graph;

    private static bool IsSumOfTwo(Operator op) => op is { Type: "Sum", Domain: "", Inputs.Count: 2 };
}

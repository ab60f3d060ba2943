namespace Tandem.Graphs.Costs;

/// <summary>Multiply-accumulates, counted from shapes, by operator type.</summary>
internal static class MacCounts
{
    private static readonly Dictionary<string, Func<Operator, Graph, long>> Counts = new()
    {
        ["Conv"] = Convolution,
        ["FusedConv"] = Convolution,
        ["ConvTranspose"] = TransposedConvolution,
        ["Gemm"] = Gemm,
        ["FusedGemm"] = Gemm,
        ["MatMul"] = MatMul,
        ["FusedMatMul"] = MatMul,
    };

    /// <summary>The multiply-accumulates of an operator; zero for types that have none.</summary>
    public static long Of(Operator op, Graph graph) =>
        Counts.TryGetValue(op.Type, out Func<Operator, Graph, long>? count) ? count(op, graph) : 0;

    // Every output element takes the input channels of its group times the kernel; padding counts as if it were multiplied.
    private static long Convolution(Operator op, Graph graph)
    {
        Shape weights = Input(op, graph, 1);
        return Output(op, graph).ElementCount * weights.Product(1, weights.Rank);
    }

    // Every input element is multiplied by its weights for all output channels of its group.
    private static long TransposedConvolution(Operator op, Graph graph)
    {
        Shape weights = Input(op, graph, 1);
        return Input(op, graph, 0).ElementCount * weights.Product(1, weights.Rank);
    }

    private static long Gemm(Operator op, Graph graph)
    {
        Shape a = Input(op, graph, 0);
        return Output(op, graph).ElementCount * a[op.GetInt("transA", 0) != 0 ? 0 : 1];
    }

    private static long MatMul(Operator op, Graph graph)
    {
        Shape a = Input(op, graph, 0);
        bool isTransposed = op.GetInt("transA", 0) != 0 && a.Rank > 1;
        return Output(op, graph).ElementCount * a[isTransposed ? a.Rank - 2 : a.Rank - 1];
    }

    private static Shape Input(Operator op, Graph graph, int index) => graph.Tensors[op.Inputs[index]].Shape;

    private static Shape Output(Operator op, Graph graph) => graph.Tensors[op.Outputs[0]].Shape;
}

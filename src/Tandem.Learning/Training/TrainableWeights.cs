using Tandem.Graphs;

namespace Tandem.Learning.Training;

/// <summary>Which constants of a network are weights, told by the operators that read them.</summary>
public static class TrainableWeights
{
    private static readonly Dictionary<string, int[]> Places = new()
    {
        ["Conv"] = [1, 2],
        ["ConvTranspose"] = [1, 2],
        ["Gemm"] = [0, 1, 2],
        ["MatMul"] = [0, 1],
        ["BatchNormalization"] = [1, 2],
        ["PRelu"] = [1],
        ["Gather"] = [0],
        ["Add"] = [0, 1],
        ["Mul"] = [0, 1],
    };

    /// <summary>Names of the float32 constants that training may change, in the order in which operators read them.</summary>
    /// <remarks>Single numbers that are added or multiplied belong to formulas, and statistics of normalisations to the data.</remarks>
    public static IReadOnlyList<string> Of(Graph graph) =>
        [.. graph.Operators
            .Where(op => op.Domain.Length == 0 && Places.ContainsKey(op.Type))
            .SelectMany(op => Places[op.Type].Where(op.HasInput).Select(i => (op.Type, Name: op.Inputs[i])))
            .Where(use => graph.Constants.TryGetValue(use.Name, out Constant? constant)
                && constant.Tensor.Type == ElementType.Float32
                && (use.Type is not ("Add" or "Mul") || constant.Tensor.Shape.ElementCount > 1))
            .Select(use => use.Name)
            .Distinct()];
}

using Tandem.Graphs;

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>
/// Gives the light networks, whose weights are all equal and so prove little, seeded weights of a sane scale.
/// </summary>
internal static class SeededWeights
{
    /// <summary>The graph with seeded constants in place of the operators that fill its weights with one value.</summary>
    public static Graph Replace(Graph graph)
    {
        var random = new Random(11);
        Dictionary<string, Constant> constants = graph.Constants.ToDictionary();
        List<Operator> operators = [];
        foreach (Operator op in graph.Operators)
        {
            if (op.Type == "ConstantOfShape" && graph.Tensors[op.Outputs[0]].Type == ElementType.Float32)
            {
                constants[op.Outputs[0]] = Make(graph, graph.Tensors[op.Outputs[0]], random);
            }
            else
            {
                operators.Add(op);
            }
        }
        return new Graph(
            graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(o => o.Name)], operators, constants.Values);
    }

    private static Constant Make(Graph graph, Tensor tensor, Random random)
    {
        Operator? reader = graph.Consumers(tensor.Name) is [Operator first, ..] ? first : null;
        int place = reader?.Inputs.ToList().IndexOf(tensor.Name) ?? 0;
        bool isScaleOrVariance = reader is { Type: "BatchNormalization" } && place is 1 or 4 || reader is { Type: "Mul" };
        double fanIn = reader?.Type switch
        {
            "Conv" when place == 1 => tensor.Shape.Product(1, tensor.Shape.Rank),
            "Gemm" when place == 1 => reader.GetInt("transB", 0) == 1 ? tensor.Shape[1] : tensor.Shape[0],
            _ => 100,
        };
        float[] elements = new float[tensor.Shape.ElementCount];
        float spread = (float)Math.Sqrt(6 / fanIn);
        for (int i = 0; i < elements.Length; i++)
        {
            float uniform = random.NextSingle() * 2 - 1;
            elements[i] = isScaleOrVariance ? 1 + 0.3f * uniform : spread * uniform;
        }
        return Constant.Of<float>(tensor.Name, ElementType.Float32, tensor.Shape, elements);
    }
}

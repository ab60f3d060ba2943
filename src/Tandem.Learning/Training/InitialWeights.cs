using Tandem.Graphs;
using Tandem.Graphs.Networks;

namespace Tandem.Learning.Training;

/// <summary>Weights to begin training with.</summary>
public static class InitialWeights
{
    /// <summary>
    /// Filters drawn as for rectifiers (He et al., 2015: normal, variance 2 / fan-in), matrices of fully connected layers with
    /// variance 1 / fan-in; scales 1, biases and means 0, variances 1.
    /// </summary>
    /// <param name="graph">The network.</param>
    /// <param name="seed">Equal seeds give equal weights on every machine.</param>
    public static Graph Draw(Graph graph, int seed)
    {
        var drawn = new Dictionary<string, Constant>();
        foreach (Operator op in graph.Operators.Where(op => op.Domain.Length == 0))
        {
            for (int i = 1; i < op.Inputs.Count; i++)
            {
                if (graph.Constants.TryGetValue(op.Inputs[i], out Constant? old) && old.Tensor.Type == ElementType.Float32
                    && Draw(op, i, old.Tensor, seed) is Constant weight)
                {
                    drawn[op.Inputs[i]] = weight;
                }
            }
        }
        return new Graph(
            graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(o => o.Name)], graph.Operators,
            graph.Constants.Values.Select(c => drawn.GetValueOrDefault(c.Tensor.Name, c)));
    }

    private static Constant? Draw(Operator op, int place, Tensor tensor, int seed) => (op.Type, place) switch
    {
        ("Conv", 1) => Normal(tensor, 2.0 / tensor.Shape.Product(1, tensor.Shape.Rank), seed),
        ("ConvTranspose", 1) => Normal(tensor, 2.0 / (tensor.Shape.ElementCount / tensor.Shape[1]), seed),
        ("Gemm", 1) => Normal(tensor, 1.0 / tensor.Shape[op.GetInt("transB", 0) != 0 ? 1 : 0], seed),
        ("MatMul", 1) when tensor.Shape.Rank > 1 => Normal(tensor, 1.0 / tensor.Shape[^2], seed),
        ("Conv" or "ConvTranspose" or "Gemm", 2) or ("BatchNormalization", 2 or 3) => Filled(tensor, 0),
        ("BatchNormalization", 1 or 4) => Filled(tensor, 1),
        _ => null,
    };

    private static Constant Normal(Tensor tensor, double variance, int seed)
    {
        float[] numbers = new float[tensor.Shape.ElementCount];
        new NoiseSource(seed, tensor.Name).FillNormal(numbers, 0, (float)Math.Sqrt(variance));
        return Constant.Of<float>(tensor.Name, ElementType.Float32, tensor.Shape, numbers);
    }

    private static Constant Filled(Tensor tensor, float value)
    {
        float[] numbers = new float[tensor.Shape.ElementCount];
        Array.Fill(numbers, value);
        return Constant.Of<float>(tensor.Name, ElementType.Float32, tensor.Shape, numbers);
    }
}

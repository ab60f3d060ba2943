using Tandem.Graphs;

namespace Tandem.Progressive.Calibration;

/// <summary>Outputs that are probabilities already, as the last exit of many networks from elsewhere.</summary>
internal static class SoftmaxOutput
{
    private static readonly HashSet<string> PassedOn = ["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze"];

    /// <summary>Whether a tensor is what a Softmax makes, perhaps reshaped.</summary>
    public static bool Is(Graph graph, string tensor)
    {
        Operator? maker = graph.Producer(tensor);
        while (maker is not null && PassedOn.Contains(maker.Type))
        {
            maker = graph.Producer(maker.Inputs[0]);
        }
        return maker?.Type == "Softmax";
    }

    /// <summary>Turns probabilities into logits whose softmax they are: their logarithms, finite where they underflow.</summary>
    public static void ToLogits(float[] probabilities)
    {
        for (int i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] = MathF.Log(MathF.Max(probabilities[i], float.Epsilon));
        }
    }
}

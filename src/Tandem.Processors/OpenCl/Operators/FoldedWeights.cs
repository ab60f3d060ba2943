using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Scale and shift of a tail, folded into weights and bias.</summary>
internal static class FoldedWeights
{
    /// <summary>Weights whose first axis is output channels, each multiplied by its channel's scale.</summary>
    internal static float[] Scale(float[] weights, float[]? scale)
    {
        if (scale is null)
        {
            return weights;
        }
        int each = weights.Length / scale.Length;
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] *= scale[i / each];
        }
        return weights;
    }

    /// <summary>The bias with scale and shift.</summary>
    internal static float[] Bias(float[] bias, FusedTail tail)
    {
        for (int c = 0; c < bias.Length; c++)
        {
            bias[c] = bias[c] * (tail.Scale?[c] ?? 1) + (tail.Shift?[c] ?? 0);
        }
        return bias;
    }
}

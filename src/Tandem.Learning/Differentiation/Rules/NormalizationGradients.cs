using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>A normalisation of each example by its own statistics over some axes.</summary>
internal static class OwnStatistics
{
    /// <summary>
    /// (x - mean) / deviation, and the gradient of x from that of it, g: (g - mean of g - normalised * mean of g * normalised) / deviation.
    /// </summary>
    public static (Tensor Normalized, Func<Tensor, Tensor> Back) Of(GraphDraft draft, Tensor x, double epsilon, long[] axes)
    {
        double share = 1.0 / axes.Aggregate(1L, (count, axis) => count * x.Shape[(int)axis]);
        Tensor Mean(Tensor t) => draft.Scale(draft.ReduceSum(t, axes), share);
        Tensor centred = draft.Sub(x, Mean(x));
        Tensor deviation = draft.Add("Sqrt", [draft.Shift(Mean(draft.Mul(centred, centred)), epsilon)]);
        Tensor normalized = draft.Div(centred, deviation);
        return (normalized, g => draft.Div(
            draft.Sub(draft.Sub(g, Mean(g)), draft.Mul(normalized, Mean(draft.Mul(g, normalized)))), deviation));
    }
}

/// <summary>InstanceNormalization (Ulyanov et al., 2016): by the statistics of each channel of each image.</summary>
internal sealed class InstanceNormalizationGradient : IGradientRule
{
    private const float DefaultEpsilon = 1e-5f;

    public IReadOnlyList<string> Types { get; } = ["InstanceNormalization"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        Tensor x = context.Input(0);
        long[] axes = [.. Enumerable.Range(2, x.Shape.Rank - 2).Select(axis => (long)axis)];
        (Tensor normalized, Func<Tensor, Tensor> back) = OwnStatistics.Of(
            draft, x, context.Operator.GetFloat("epsilon", DefaultEpsilon), axes);
        if (context.Needs(0))
        {
            context.Accumulate(0, back(draft.Mul(
                context.Gradient, ChannelSums.Broadcastable(draft, context.Input(1), x.Shape.Rank))));
        }
        if (context.Needs(1))
        {
            context.Accumulate(1, ChannelSums.Of(draft, draft.Mul(context.Gradient, normalized)));
        }
        if (context.Needs(2))
        {
            context.Accumulate(2, ChannelSums.Of(draft, context.Gradient));
        }
    }
}

/// <summary>LayerNormalization (Ba et al., 2016): by the statistics over the axes from one on.</summary>
internal sealed class LayerNormalizationGradient : IGradientRule
{
    private const float DefaultEpsilon = 1e-5f;

    public IReadOnlyList<string> Types { get; } = ["LayerNormalization"];

    public void Differentiate(GradientContext context)
    {
        if (context.OutputGradient(1) is not null || context.OutputGradient(2) is not null)
        {
            throw context.Error("the loss depends on its statistics; write it as primitives for that");
        }
        GraphDraft draft = context.Draft;
        Tensor x = context.Input(0);
        int first = context.Axis("axis", -1, x.Shape.Rank);
        (Tensor normalized, Func<Tensor, Tensor> back) = OwnStatistics.Of(
            draft, x, context.Operator.GetFloat("epsilon", DefaultEpsilon),
            [.. Enumerable.Range(first, x.Shape.Rank - first).Select(axis => (long)axis)]);
        if (context.Needs(0))
        {
            context.Accumulate(0, back(draft.Mul(context.Gradient, context.Input(1))));
        }
        if (context.Needs(1))
        {
            context.Accumulate(1, draft.SumTo(draft.Mul(context.Gradient, normalized), context.Input(1).Shape));
        }
        if (context.Needs(2))
        {
            context.Accumulate(2, draft.SumTo(context.Gradient, context.Input(2).Shape));
        }
    }
}

/// <summary>
/// LRN, across channels (Krizhevsky et al., 2012): x * s^-beta with s = bias + alpha / size * the sum of squares of the channels nearby.
/// </summary>
internal sealed class LocalResponseNormalizationGradient : IGradientRule
{
    private const float DefaultAlpha = 1e-4f;
    private const float DefaultBeta = 0.75f;

    public IReadOnlyList<string> Types { get; } = ["LRN"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        Operator op = context.Operator;
        Tensor x = context.Input(0);
        double[,] nearby = Nearby(x.Shape[1], op.GetInt("size", 1));
        double share = op.GetFloat("alpha", DefaultAlpha) / (double)op.GetInt("size", 1);
        double beta = op.GetFloat("beta", DefaultBeta);
        // The matrix is symmetric only for odd sizes; sums use it as it is, gradients its transpose.
        Tensor sums = AxisMaps.Transposed(draft, draft.Mul(x, x), 1, Transpose(nearby));
        Tensor scale = draft.Shift(draft.Scale(sums, share), op.GetFloat("bias", 1));
        Tensor Power(double exponent) => draft.Add("Pow", [scale, draft.Number(exponent, x.Type)]);
        Tensor inner = AxisMaps.Transposed(
            draft, draft.Mul(draft.Mul(context.Gradient, x), Power(-beta - 1)), 1, nearby);
        context.Accumulate(0, draft.Sub(
            draft.Mul(context.Gradient, Power(-beta)), draft.Mul(x, draft.Scale(inner, 2 * beta * share))));
    }

    // Row c: channels from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2).
    private static double[,] Nearby(long channels, long size)
    {
        double[,] matrix = new double[channels, channels];
        for (long c = 0; c < channels; c++)
        {
            for (long i = Math.Max(0, c - ((size - 1) / 2)); i <= Math.Min(channels - 1, c + (size / 2)); i++)
            {
                matrix[c, i] = 1;
            }
        }
        return matrix;
    }

    private static double[,] Transpose(double[,] matrix)
    {
        double[,] result = new double[matrix.GetLength(1), matrix.GetLength(0)];
        for (int i = 0; i < result.GetLength(0); i++)
        {
            for (int j = 0; j < result.GetLength(1); j++)
            {
                result[i, j] = matrix[j, i];
            }
        }
        return result;
    }
}

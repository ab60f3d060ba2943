namespace Tandem.Graphs.Quantization;

/// <summary>Weights of a product as signed bytes, symmetric around zero, with a scale for each output channel, and the bias to go with them.</summary>
/// <param name="Weights">Int8, of the original shape.</param>
/// <param name="Scales">Float32, one for each output channel or one for all: real = scale * q.</param>
/// <param name="Bias">Int32, in steps of input scale times weight scale; null where there is none.</param>
/// <param name="BiasScales">Float32, the steps of the bias; null where there is none.</param>
public sealed record QuantizedWeights(Constant Weights, Constant Scales, Constant? Bias, Constant? BiasScales)
{
    private const int FullLimit = 127;
    private const int ReducedLimit = 63;

    // Half of what fits, so that the bias leaves the sum of products as much.
    private const double BiasLimit = 1 << 30;

    /// <summary>Quantises weights.</summary>
    /// <param name="name">The begin of the constants' names.</param>
    /// <param name="weights">Float32 weights.</param>
    /// <param name="axis">Their axis of output channels.</param>
    /// <param name="bias">A number for each output channel, or null.</param>
    /// <param name="input">How the product's input is quantised.</param>
    /// <param name="options">How to quantise.</param>
    public static QuantizedWeights Of(
        string name, Constant weights, int axis, Constant? bias, LinearQuantization input, QuantizationOptions options)
    {
        Shape shape = weights.Tensor.Shape;
        int limit = options.ReducesWeightRange ? ReducedLimit : FullLimit;
        int channels = (int)shape[axis];
        int inner = (int)shape.Product(axis + 1, shape.Rank);
        ReadOnlySpan<float> reals = weights.AsSpan<float>();
        ReadOnlySpan<float> biases = bias is null ? [] : bias.AsSpan<float>();
        float[] scales = options.WeightsPerChannel
            ? StepsOf(reals, channels, inner, limit)
            : [.. Enumerable.Repeat(StepsOf(reals, 1, reals.Length, limit)[0], channels)];
        WidenForBias(scales, biases, input.Scale);
        if (!options.WeightsPerChannel)
        {
            scales.AsSpan().Fill(scales.Max());
        }
        var bytes = new sbyte[reals.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (sbyte)Math.Clamp(MathF.Round(reals[i] / scales[i / inner % channels]), -limit, limit);
        }
        var perChannel = new Shape(channels);
        Constant Scales(string suffix, float[] steps) => options.WeightsPerChannel
            ? Constant.Of<float>($"{name}:{suffix}", ElementType.Float32, perChannel, steps)
            : Constant.Of<float>($"{name}:{suffix}", ElementType.Float32, Shape.Scalar, [steps[0]]);
        return new QuantizedWeights(
            Constant.Of<sbyte>($"{name}:weights", ElementType.Int8, shape, bytes),
            Scales("weight-scales", scales),
            bias is null ? null : Constant.Of<int>($"{name}:bias", ElementType.Int32, perChannel, Biases(biases, scales, input.Scale)),
            bias is null ? null : Scales("bias-scales", [.. scales.Select(scale => scale * input.Scale)]));
    }

    private static float[] StepsOf(ReadOnlySpan<float> reals, int channels, int inner, int limit)
    {
        var largest = new float[channels];
        for (int i = 0; i < reals.Length; i++)
        {
            int channel = i / inner % channels;
            largest[channel] = Math.Max(largest[channel], Math.Abs(reals[i]));
        }
        return [.. largest.Select(magnitude => float.IsNormal(magnitude / limit) ? magnitude / limit : 1)];
    }

    /// <summary>A channel of weights much smaller than its bias takes larger steps, so that the bias fits into 32 bits.</summary>
    private static void WidenForBias(float[] scales, ReadOnlySpan<float> biases, float inputScale)
    {
        for (int c = 0; c < biases.Length; c++)
        {
            scales[c] = Math.Max(scales[c], (float)(Math.Abs(biases[c]) / (inputScale * BiasLimit)));
        }
    }

    private static int[] Biases(ReadOnlySpan<float> biases, float[] scales, float inputScale)
    {
        var steps = new int[biases.Length];
        for (int c = 0; c < steps.Length; c++)
        {
            steps[c] = (int)Math.Round(biases[c] / ((double)(scales[c] * inputScale)));
        }
        return steps;
    }
}

using Tandem.Graphs.Quantization;

namespace Tandem.Graphs.Tests.Quantization;

public sealed class QuantizedWeightsTests
{
    private static readonly LinearQuantization _input = new(0.5f, 10);

    [Fact]
    public void Each_channel_has_the_scale_of_its_own_largest_weight()
    {
        // Multiples of the channels' own steps: exact in bytes.
        Constant weights = Floats(new Shape(2, 1, 1, 3), 127, -64, 1, 0.25f * 127, 0.25f * -127, 0.25f);
        var quantized = QuantizedWeights.Of("w", weights, 0, Floats(new Shape(2), 3, -8), _input, new QuantizationOptions());
        Assert.Equal([1f, 0.25f], quantized.Scales.AsSpan<float>().ToArray());
        Assert.Equal([127, -64, 1, 127, -127, 1], quantized.Weights.AsSpan<sbyte>().ToArray());
        Assert.Equal([0.5f, 0.125f], quantized.BiasScales!.AsSpan<float>().ToArray());
        Assert.Equal([6, -64], quantized.Bias!.AsSpan<int>().ToArray());
    }

    [Fact]
    public void Channels_may_be_the_last_axis()
    {
        Constant weights = Floats(new Shape(2, 2), 127, 2, -127, -254);
        var quantized = QuantizedWeights.Of("w", weights, 1, null, _input, new QuantizationOptions());
        Assert.Equal([1f, 2f], quantized.Scales.AsSpan<float>().ToArray());
        Assert.Equal([127, 1, -127, -127], quantized.Weights.AsSpan<sbyte>().ToArray());
        Assert.Null(quantized.Bias);
    }

    [Fact]
    public void One_scale_for_all_is_that_of_the_largest_weight_whatever_channels_are_empty()
    {
        Constant weights = Floats(new Shape(3, 2), 12.7f, 0.1f, 0, 0, 0.04f, -0.1f);
        var options = new QuantizationOptions { WeightsPerChannel = false };
        var quantized = QuantizedWeights.Of("w", weights, 0, Floats(new Shape(3), 1, 0, 0), _input, options);
        Assert.Equal(0, quantized.Scales.Tensor.Shape.Rank);
        Assert.Equal(0.1f, quantized.Scales.AsSpan<float>()[0], 1e-6f);
        Assert.Equal([127, 1, 0, 0, 0, -1], quantized.Weights.AsSpan<sbyte>().ToArray());
        Assert.Equal([20, 0, 0], quantized.Bias!.AsSpan<int>().ToArray());
    }

    [Fact]
    public void Reduced_range_leaves_a_bit()
    {
        Constant weights = Floats(new Shape(1, 2), 63, -1);
        var quantized = QuantizedWeights.Of("w", weights, 0, null, _input, new QuantizationOptions { ReducesWeightRange = true });
        Assert.Equal([63, -1], quantized.Weights.AsSpan<sbyte>().ToArray());
    }

    [Fact]
    public void Bias_of_a_channel_without_weights_fits()
    {
        Constant weights = Floats(new Shape(2, 1), 0, 1e-12f);
        var quantized = QuantizedWeights.Of("w", weights, 0, Floats(new Shape(2), 4, 100), _input, new QuantizationOptions());
        for (int c = 0; c < 2; c++)
        {
            double bias = (double)quantized.Bias!.AsSpan<int>()[c] * quantized.BiasScales!.AsSpan<float>()[c];
            Assert.Equal(c == 0 ? 4 : 100, bias, 1e-3);
        }
    }

    private static Constant Floats(Shape shape, params float[] elements) =>
        Constant.Of<float>("c", ElementType.Float32, shape, elements);
}

using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Quantization;

namespace Tandem.Graphs.Tests.Quantization;

public sealed class LinearQuantizationTests
{
    [Fact]
    public void Numbers_of_the_range_come_back_within_half_a_step()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            float width = MathF.Pow(10, random.Next(-6, 6));
            float first = (random.NextSingle() * 2 - 1) * width;
            float second = (random.NextSingle() * 2 - 1) * width;
            var range = new ValueRange(Math.Min(first, second), Math.Max(first, second));
            var quantization = LinearQuantization.Covering(range);
            // The zero point is rounded too, so that an end of the range may be cut by half a step more.
            float real = range.Min + random.NextSingle() * (range.Max - range.Min);
            return Math.Abs(quantization.Dequantize(quantization.Quantize(real)) - real) <= 1.001f * quantization.Scale
                && quantization.Dequantize(quantization.Quantize(0)) == 0;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0f, 5.1f, 0.02f, 0)]
    [InlineData(1f, 5.1f, 0.02f, 0)]
    [InlineData(-1f, 1.55f, 0.01f, 100)]
    [InlineData(-2.55f, -1f, 0.01f, 255)]
    [InlineData(0f, 0f, 1f, 0)]
    public void Range_and_zero_are_covered(float min, float max, float scale, byte zero)
    {
        var quantization = LinearQuantization.Covering(new ValueRange(min, max));
        Assert.Equal(scale, quantization.Scale, 1e-6f);
        Assert.Equal(zero, quantization.ZeroPoint);
    }

    [Fact]
    public void Infinite_range_is_refused_in_one_line()
    {
        var failure = Assert.Throws<QuantizationException>(
            () => LinearQuantization.Covering(new ValueRange(0, float.PositiveInfinity)));
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void Range_leaves_out_what_is_no_number()
    {
        Assert.Equal(new ValueRange(-2, 3), ValueRange.Of([1, float.NaN, -2, 3]));
        Assert.Equal(default, ValueRange.Of([]));
        Assert.Equal(new ValueRange(-2, 7), new ValueRange(-2, 3).Union(new ValueRange(5, 7)));
    }
}

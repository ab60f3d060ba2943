using Tandem.Graphs.Networks;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Quantization.Calibration;

namespace Tandem.Graphs.Tests.Quantization.Calibration;

public sealed class CalibrationMethodTests
{
    private const float Outlier = 100;

    public static TheoryData<string> Names => [.. CalibrationMethods.All.Select(method => method.Name)];

    [Fact]
    public void Least_and_greatest_cover_all_runs()
    {
        IRangeObserver observer = new MinMaxCalibration().Observe();
        observer.Add([1, 3]);
        observer.Add([-2, float.NaN, 2]);
        Assert.Equal(new ValueRange(-2, 3), observer.Range);
    }

    [Theory]
    [InlineData("percentile", 6)]
    [InlineData("entropy", 30)]
    // One number far away is as large an error as a little more rounding of all the others.
    [InlineData("mse", 90)]
    public void An_outlier_does_not_make_steps_coarse(string name, float greatest)
    {
        float[] numbers = [.. Normal(200_000, 3), Outlier];
        ValueRange range = Observe(name, numbers);
        Assert.InRange(range.Max, 2.5f, greatest);
        Assert.InRange(range.Min, -8, -2.5f);
        Assert.Equal(Outlier, Observe("minmax", numbers).Max);
    }

    [Fact]
    public void The_searched_range_has_a_smaller_squared_error_than_the_whole()
    {
        float[] numbers = [.. Normal(20_000, 5), 12, -9];
        double searched = SquaredError(numbers, LinearQuantization.Covering(Observe("mse", numbers)));
        Assert.True(searched < SquaredError(numbers, LinearQuantization.Covering(Observe("minmax", numbers))));
        Assert.True(searched < SquaredError(numbers, LinearQuantization.Covering(Observe("percentile", numbers))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ranges_lie_within_what_was_seen_and_are_none_for_zeros(string name)
    {
        float[] positive = [.. Normal(5_000, 7).Select(MathF.Abs)];
        ValueRange range = Observe(name, positive);
        Assert.InRange(range.Min, 0, positive.Max());
        Assert.InRange(range.Max, positive.Max() / 8, positive.Max());
        Assert.Equal(new ValueRange(0, 0), Observe(name, new float[100]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Infinite_activations_are_refused_by_the_quantisation(string name) =>
        Assert.Throws<QuantizationException>(() => LinearQuantization.Covering(Observe(name, [1, float.PositiveInfinity])));

    [Fact]
    public void Unknown_names_are_answered_with_the_known_ones() =>
        Assert.Contains("minmax, percentile, mse, entropy", Assert.Throws<QuantizationException>(() => CalibrationMethods.Named("best")).Message, StringComparison.Ordinal);

    [Fact]
    public void Symmetric_quantisation_has_zero_in_the_middle_where_there_are_negative_numbers()
    {
        var mixed = LinearQuantization.Symmetric(new ValueRange(-1, 12.7f));
        Assert.Equal(128, mixed.ZeroPoint);
        Assert.Equal(255, mixed.Quantize(12.7f));
        Assert.Equal(0.1f, mixed.Scale, 1e-5f);
        Assert.Equal(LinearQuantization.Covering(new ValueRange(0, 3)), LinearQuantization.Symmetric(new ValueRange(0, 3)));
    }

    private static ValueRange Observe(string name, float[] numbers)
    {
        IRangeObserver observer = CalibrationMethods.Named(name).Observe();
        foreach (float[] part in numbers.Chunk(1000))
        {
            observer.Add(part);
        }
        return observer.Range;
    }

    private static float[] Normal(int count, int seed)
    {
        var numbers = new float[count];
        new NoiseSource((ulong)seed).FillNormal(numbers, 0, 1);
        return numbers;
    }

    private static double SquaredError(float[] numbers, LinearQuantization quantization) =>
        numbers.Sum(number => Math.Pow(number - quantization.Dequantize(quantization.Quantize(number)), 2));
}

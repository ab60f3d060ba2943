using Tandem.Graphs.Networks;

namespace Tandem.Graphs.Tests.Networks;

public sealed class NoiseSourceTests
{
    [Fact]
    public void The_stream_is_SplitMix64()
    {
        // The first numbers that the generator's authors' own code gives for seed 1234567.
        var noise = new NoiseSource(1234567UL);
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL],
            [noise.Next(), noise.Next(), noise.Next()]);
    }

    [Fact]
    public void Normal_numbers_have_the_asked_mean_and_deviation()
    {
        float[] numbers = new float[200_000];
        new NoiseSource(1).FillNormal(numbers, 3, 2);
        double mean = numbers.Average(n => (double)n);
        double deviation = Math.Sqrt(numbers.Average(n => (n - mean) * (n - mean)));
        double withinOne = numbers.Count(n => Math.Abs(n - 3) < 2) / (double)numbers.Length;
        Assert.Equal(3, mean, 0.02);
        Assert.Equal(2, deviation, 0.02);
        Assert.Equal(0.68, withinOne, 0.02);
    }

    [Fact]
    public void Uniform_numbers_fill_their_range()
    {
        float[] numbers = new float[100_000];
        new NoiseSource(1).FillUniform(numbers, -1, 3);
        Assert.InRange(numbers.Min(), -1, -0.99f);
        Assert.InRange(numbers.Max(), 2.99f, 3);
        Assert.Equal(1, numbers.Average(n => (double)n), 0.02);
    }

    [Fact]
    public void Streams_of_different_names_differ() =>
        Assert.NotEqual(new NoiseSource(1, "a").Next(), new NoiseSource(1, "b").Next());
}

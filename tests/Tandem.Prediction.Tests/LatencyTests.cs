namespace Tandem.Prediction.Tests;

public sealed class LatencyTests
{
    [Fact]
    public void Statistics_interpolate_between_the_nearest_two()
    {
        // Places 0.5*4=2, 0.1*4=0.4, 0.9*4=3.6 of the sorted 1 2 4 8 16.
        LatencyStatistics five = LatencyStatistics.Of([16, 1, 8, 2, 4]);
        Assert.Equal(4, five.MedianMs, 1e-12);
        Assert.Equal(1.4, five.P10Ms, 1e-12);
        Assert.Equal(12.8, five.P90Ms, 1e-12);
        Assert.Equal(5, five.RunCount);
        Assert.Equal(new LatencyStatistics(1.5, 1.1, 1.9, 2), LatencyStatistics.Of([2, 1]), Close);
        Assert.Equal(new LatencyStatistics(3, 3, 3, 1), LatencyStatistics.Of([3]));
        Assert.Throws<ArgumentException>(() => LatencyStatistics.Of([]));
    }

    [Fact]
    public void Spread_is_that_of_a_normal_distribution()
    {
        // 80 % of a normal distribution lie within 1.2816 deviations on either side.
        Latency latency = new LatencyStatistics(10, 10 - 1.2816, 10 + 1.2816, 50).ToLatency();
        Assert.Equal(10, latency.MeanMs);
        Assert.Equal(1, latency.StdDevMs, 1e-3);
    }

    [Fact]
    public void Means_add_up_and_so_do_variances()
    {
        Assert.Equal(new Latency(3, 5), new Latency(1, 3) + new Latency(2, 4));
        Assert.Equal(new Latency(3, 1.5), new Latency(2, 1) * 1.5);
        Assert.Equal(new Latency(1, 2), Latency.Add(Latency.Zero, Latency.Multiply(new(1, 2), 1)));
        Assert.Equal("1.25 ms +- 0.5", new Latency(1.25, 0.5).ToString());
    }

    private static bool Close(LatencyStatistics a, LatencyStatistics b) =>
        Math.Abs(a.MedianMs - b.MedianMs) + Math.Abs(a.P10Ms - b.P10Ms) + Math.Abs(a.P90Ms - b.P90Ms) < 1e-12
        && a.RunCount == b.RunCount;
}

namespace Tandem.Prediction;

/// <summary>What is reported of repeated measurements: median and the 10th and 90th percentile, in milliseconds.</summary>
/// <param name="MedianMs">Half of the runs were faster.</param>
/// <param name="P10Ms">One run in ten was faster.</param>
/// <param name="P90Ms">One run in ten was slower.</param>
/// <param name="RunCount">How many runs were measured.</param>
public readonly record struct LatencyStatistics(double MedianMs, double P10Ms, double P90Ms, int RunCount)
{
    /// <summary>Statistics of measured durations in milliseconds; percentiles interpolate between the nearest two.</summary>
    /// <exception cref="ArgumentException">There is no measurement.</exception>
    public static LatencyStatistics Of(IEnumerable<double> milliseconds)
    {
        double[] sorted = [.. milliseconds.Order()];
        if (sorted.Length == 0)
        {
            throw new ArgumentException("there is no measurement", nameof(milliseconds));
        }
        return new(PercentileOfSorted(sorted, 0.5), PercentileOfSorted(sorted, 0.1), PercentileOfSorted(sorted, 0.9), sorted.Length);
    }

    /// <summary>As a mean with its spread, the percentiles read as those of a normal distribution.</summary>
    public Latency ToLatency() => new(MedianMs, (P90Ms - P10Ms) / 2.563);

    /// <summary>The value below which a fraction of the measurements lies, interpolated between the nearest two.</summary>
    /// <param name="milliseconds">The measurements, in any order; at least one.</param>
    /// <param name="fraction">From 0 (the least) to 1 (the most).</param>
    public static double Percentile(IEnumerable<double> milliseconds, double fraction)
    {
        double[] sorted = [.. milliseconds.Order()];
        return PercentileOfSorted(sorted, fraction);
    }

    private static double PercentileOfSorted(double[] sorted, double fraction)
    {
        double place = fraction * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}

namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>
/// The range at which the distribution of quantised numbers diverges least from the original one (Kullback and Leibler), as TensorRT
/// calibrates (Migacz, "8-bit Inference with TensorRT", GTC 2017): what saturates counts to the last bin within the range, and the numbers
/// of one quantisation step are taken to be spread evenly over its bins.
/// </summary>
public sealed class EntropyCalibration : SearchedCalibration
{
    private const int Levels = byte.MaxValue + 1;

    // What a bin that quantised numbers never fall into is given, so that the divergence stays finite.
    private const double LeastProbability = 1e-9;

    /// <inheritdoc/>
    public override string Name => "entropy";

    /// <inheritdoc/>
    protected override double Cost(FilledBins bins, ValueRange range)
    {
        int first = Array.FindIndex(bins.Centres, centre => centre >= range.Min);
        int last = Array.FindLastIndex(bins.Centres, centre => centre <= range.Max);
        if (first < 0 || last < first)
        {
            return double.PositiveInfinity;
        }
        var quantization = LinearQuantization.Covering(range);
        Span<double> sums = stackalloc double[Levels];
        Span<int> widths = stackalloc int[Levels];
        double inside = 0;
        for (int i = first; i <= last; i++)
        {
            byte level = quantization.Quantize(bins.Centres[i]);
            sums[level] += bins.Counts[i];
            widths[level]++;
            inside += bins.Counts[i];
        }
        double below = Sum(bins.Counts.AsSpan(0, first));
        double above = Sum(bins.Counts.AsSpan(last + 1));
        double total = inside + below + above;
        double divergence = 0;
        for (int i = first; i <= last; i++)
        {
            byte level = quantization.Quantize(bins.Centres[i]);
            double original = (bins.Counts[i] + (i == first ? below : 0) + (i == last ? above : 0)) / total;
            double quantized = Math.Max(sums[level] / widths[level] / inside, LeastProbability);
            divergence += original * Math.Log(original / quantized);
        }
        return divergence;
    }

    private static double Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (long count in counts)
        {
            sum += count;
        }
        return sum;
    }
}

namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>The bins of a histogram that hold anything, in ascending order; zeros are left out.</summary>
/// <param name="Centres">The middle of each.</param>
/// <param name="Counts">How many numbers are in each.</param>
public sealed record FilledBins(float[] Centres, long[] Counts)
{
    /// <summary>Those of a histogram.</summary>
    public static FilledBins Of(ActivationHistogram histogram)
    {
        List<float> centres = [];
        List<long> counts = [];
        for (int bin = 0; bin < histogram.Counts.Length; bin++)
        {
            if (histogram.Counts[bin] > 0)
            {
                centres.Add(histogram.CentreOf(bin));
                counts.Add(histogram.Counts[bin]);
            }
        }
        return new FilledBins([.. centres], [.. counts]);
    }
}

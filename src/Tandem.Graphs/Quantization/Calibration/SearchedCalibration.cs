namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>Tries narrower and narrower ranges, first at the upper and then at the lower end, and takes that of the least cost.</summary>
public abstract class SearchedCalibration : HistogramCalibration
{
    private const int Candidates = 64;
    private const int LeastCandidate = Candidates / 8;

    /// <inheritdoc/>
    public override ValueRange Choose(ActivationHistogram histogram)
    {
        FilledBins bins = FilledBins.Of(histogram);
        var best = new ValueRange(Math.Min(0, histogram.Range.Min), Math.Max(0, histogram.Range.Max));
        best = Search(bins, best, (range, share) => range with { Max = range.Max * share }, best.Max);
        return Search(bins, best, (range, share) => range with { Min = range.Min * share }, best.Min);
    }

    /// <summary>What a range costs; smaller is better.</summary>
    /// <param name="bins">The numbers.</param>
    /// <param name="range">The range to quantise, zero within it.</param>
    protected abstract double Cost(FilledBins bins, ValueRange range);

    private ValueRange Search(FilledBins bins, ValueRange whole, Func<ValueRange, float, ValueRange> narrow, float end)
    {
        if (end == 0)
        {
            return whole;
        }
        // The whole range is tried first, and others must be better, so that equals do not saturate anything.
        ValueRange best = whole;
        double least = Cost(bins, whole);
        for (int candidate = Candidates - 1; candidate >= LeastCandidate; candidate--)
        {
            ValueRange range = narrow(whole, (float)candidate / Candidates);
            double cost = Cost(bins, range);
            if (cost < least)
            {
                (best, least) = (range, cost);
            }
        }
        return best;
    }
}

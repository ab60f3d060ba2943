using Tandem.Graphs.Exits;

namespace Tandem.Progressive.Calibration;

/// <summary>
/// Thresholds that differ from exit to exit. For a price of errors in multiply-accumulates, coordinate descent makes least what an image costs
/// on average: each exit's best threshold, all others as they are, is found exactly by going through the images that come by in the order of their
/// confidence. Many prices give the points between cheap and accurate.
/// </summary>
/// <param name="decisions">How sure the exits are.</param>
/// <param name="macs">Multiply-accumulates to each exit.</param>
public sealed class ThresholdSearch(ExitDecisions decisions, IReadOnlyList<double> macs)
{
    private const int Prices = 33;
    private const double LeastPrice = 0.02;
    private const double MostPrice = 200;
    private const int MostRounds = 20;

    // Hundredths, finer towards 1 where confidences crowd: what is finer fits the images at hand and does worse on others.
    private static readonly double[] Grid = [.. Enumerable.Range(0, 100).Select(i => i / 100.0), 0.995, 0.998, 0.999, 1];

    /// <summary>The points of all prices that no other beats, from the cheapest to the most accurate.</summary>
    /// <param name="starts">Thresholds to begin with as well, such as those that are common to all exits.</param>
    public IReadOnlyList<OperatingPoint> Front(IReadOnlyList<OperatingPoint> starts)
    {
        List<OperatingPoint> found = [];
        for (int i = 0; i < Prices; i++)
        {
            // What an error costs, in multiply-accumulates.
            double price = macs[^1] * LeastPrice * Math.Pow(MostPrice / LeastPrice, (double)i / (Prices - 1));
            OperatingPoint start = starts.Append(found.Count > 0 ? found[^1] : starts[0]).MinBy(point => CostOf(point, price))!;
            found.Add(Descend(start, price));
        }
        return ParetoFront.Of(starts.Concat(found), macs);
    }

    private double CostOf(OperatingPoint point, double price) => point.Expected(macs) + (price * (1 - point.Accuracy));

    private OperatingPoint Descend(OperatingPoint start, double price)
    {
        double[] thresholds = [.. start.Thresholds];
        OperatingPoint best = start;
        for (int round = 0; round < MostRounds; round++)
        {
            for (int exit = decisions.Exits - 2; exit >= 0; exit--)
            {
                thresholds[exit] = BestThreshold(exit, thresholds, price);
            }
            OperatingPoint point = decisions.At(thresholds);
            if (CostOf(point, price) >= CostOf(best, price) - (1e-12 * macs[^1]))
            {
                break;
            }
            best = point;
        }
        return best;
    }

    /// <summary>The threshold of one exit with which images cost least, the others' given.</summary>
    private double BestThreshold(int exit, double[] thresholds, double price)
    {
        // What is saved by letting an image leave here instead of where it would otherwise leave, by its confidence.
        List<(double Confidence, double Saved)> coming = [];
        for (int image = 0; image < decisions.Images; image++)
        {
            int left = decisions.ExitOf(image, thresholds);
            if (left < exit)
            {
                continue;
            }
            int later = decisions.ExitOf(image, thresholds, exit + 1);
            double saved = macs[later] - macs[exit];
            saved += price * ((decisions.IsRight(exit, image) ? 1 : 0) - (decisions.IsRight(later, image) ? 1 : 0));
            coming.Add((AtMost(decisions.ConfidenceOf(exit, image)), saved));
        }
        double threshold = ThresholdSweep.Never;
        double sum = 0;
        double most = 0;
        foreach (IGrouping<double, (double Confidence, double Saved)> equal in
            coming.GroupBy(image => image.Confidence).OrderByDescending(group => group.Key))
        {
            sum += equal.Sum(image => image.Saved);
            if (sum > most)
            {
                (most, threshold) = (sum, equal.Key);
            }
        }
        return threshold;
    }

    /// <summary>The greatest threshold of the grid that a confidence reaches.</summary>
    private static double AtMost(double confidence)
    {
        int place = Array.BinarySearch(Grid, confidence);
        return Grid[place >= 0 ? place : ~place - 1];
    }
}

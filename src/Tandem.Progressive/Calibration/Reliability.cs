using Tandem.Graphs.Exits;

namespace Tandem.Progressive.Calibration;

/// <summary>How well confidence tells accuracy: the expected calibration error over equally wide bins of confidence (Naeini et al., 2015).</summary>
public static class Reliability
{
    /// <summary>The number of bins.</summary>
    public const int Bins = 15;

    /// <summary>The bins of an exit that hold images, from low confidence to high.</summary>
    public static IReadOnlyList<ReliabilityBin> Of(ExitScores scores, int exit, double temperature)
    {
        int[] counts = new int[Bins];
        int[] right = new int[Bins];
        double[] confidence = new double[Bins];
        for (int image = 0; image < scores.Images; image++)
        {
            (int predicted, double probability) = scores.ConfidenceOf(exit, image, temperature);
            int bin = Math.Clamp((int)Math.Ceiling(probability * Bins) - 1, 0, Bins - 1);
            counts[bin]++;
            confidence[bin] += probability;
            right[bin] += predicted == scores.LabelOf(image) ? 1 : 0;
        }
        return [.. Enumerable.Range(0, Bins).Where(bin => counts[bin] > 0).Select(bin => new ReliabilityBin(
            (double)counts[bin] / scores.Images, confidence[bin] / counts[bin], (double)right[bin] / counts[bin]))];
    }

    /// <summary>The mean distance between confidence and accuracy, 0 to 1.</summary>
    public static double Error(IEnumerable<ReliabilityBin> bins) => bins.Sum(bin => bin.Share * Math.Abs(bin.Confidence - bin.Accuracy));
}

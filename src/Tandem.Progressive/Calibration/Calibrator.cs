using Tandem.Graphs;
using Tandem.Graphs.Exits;

namespace Tandem.Progressive.Calibration;

/// <summary>Chooses temperatures and thresholds from what a network's exits say of labelled images.</summary>
public static class Calibrator
{
    private const int Digits = 5;
    private const int ThresholdDigits = 4;

    /// <summary>Calibrates a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="description">Its exits.</param>
    /// <param name="data">What the images are.</param>
    /// <param name="calibration">What the exits say of the images to choose by.</param>
    /// <param name="test">What they say of other images; null where there are none.</param>
    /// <param name="options">What to choose.</param>
    /// <returns>The description with temperatures, thresholds and <see cref="ProgressiveDescription.Calibration"/>.</returns>
    public static ProgressiveDescription Calibrate(
        Graph graph, ProgressiveDescription description, string data, ExitScores calibration, ExitScores? test, CalibratorOptions options)
    {
        // An exit that gives probabilities has no logits that a temperature could divide.
        double[] temperatures = [.. description.Exits.Select((exit, i) =>
            options.FitsTemperatures && !SoftmaxOutput.Is(graph, exit.Output) ? Math.Round(TemperatureFit.Of(calibration, i), ThresholdDigits) : 1)];
        double[] macs = [.. description.Exits.Select(exit => (double)exit.Macs)];
        var decisions = new ExitDecisions(calibration, temperatures);
        ExitQuality[] qualities = [.. temperatures.Select((temperature, exit) => Quality(calibration, exit, temperature))];
        IReadOnlyList<OperatingPoint> points = ThresholdSweep.Of(decisions);
        IReadOnlyList<OperatingPoint> perExit = options.PerExit ? new ThresholdSearch(decisions, macs).Front(points) : [];
        OperatingPoint chosen = ThresholdSweep.Choose(options.PerExit ? perExit : points, macs, calibration.AccuracyOf(macs.Length - 1) - options.MaxLoss);
        var table = new CalibrationTable(
            data, calibration.Images, ExitPrefix.Macs(graph, [description.Exits[^1].Output]), qualities, [.. points.Select(Rounded)], Rounded(chosen))
        {
            PerExit = [.. perExit.Select(Rounded)],
            Test = test is null ? null : Rounded(new ExitDecisions(test, temperatures).At(chosen.Thresholds)),
            TestAccuracyOfLast = test is null ? null : Rounded(test.AccuracyOf(macs.Length - 1)),
            TestImages = test?.Images ?? 0,
        };
        return description with
        {
            Exits = [.. description.Exits.Select((exit, i) => exit with
            {
                Temperature = temperatures[i],
                Threshold = i < chosen.Thresholds.Count ? chosen.Thresholds[i] : exit.Threshold,
            })],
            Calibration = table,
        };
    }

    private static ExitQuality Quality(ExitScores scores, int exit, double temperature)
    {
        IReadOnlyList<ReliabilityBin> bins = Reliability.Of(scores, exit, temperature);
        return new ExitQuality(
            Rounded(scores.AccuracyOf(exit)), Rounded(Reliability.Error(Reliability.Of(scores, exit, 1))), Rounded(Reliability.Error(bins)),
            [.. bins.Select(bin => new ReliabilityBin(Rounded(bin.Share), Rounded(bin.Confidence), Rounded(bin.Accuracy)))]);
    }

    private static OperatingPoint Rounded(OperatingPoint point) =>
        point with { Accuracy = Rounded(point.Accuracy), Shares = [.. point.Shares.Select(Rounded)] };

    private static double Rounded(double value) => Math.Round(value, Digits);
}

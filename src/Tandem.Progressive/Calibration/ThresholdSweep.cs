using Tandem.Graphs.Exits;

namespace Tandem.Progressive.Calibration;

/// <summary>One threshold for all exits, as SPINN has it: what each of many does.</summary>
public static class ThresholdSweep
{
    /// <summary>A threshold that no confidence reaches.</summary>
    public const double Never = 1.01;

    /// <summary>Steps of 0.05, as SPINN tries, finer towards 1, where confidences of trained networks crowd, and <see cref="Never"/>.</summary>
    public static IReadOnlyList<double> Thresholds { get; } =
    [
        .. Enumerable.Range(0, 19).Select(i => i / 20.0), 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.999, 1, Never,
    ];

    /// <summary>What each threshold does.</summary>
    /// <param name="decisions">How sure the exits are.</param>
    /// <param name="thresholds">The thresholds; null for <see cref="Thresholds"/>.</param>
    public static IReadOnlyList<OperatingPoint> Of(ExitDecisions decisions, IReadOnlyList<double>? thresholds = null) =>
        [.. (thresholds ?? Thresholds).Select(threshold => decisions.At([.. Enumerable.Repeat(threshold, decisions.Exits - 1)]))];

    /// <summary>The cheapest point that is accurate enough; the most accurate, and of these the cheapest, where none is.</summary>
    /// <param name="points">At least one.</param>
    /// <param name="macs">Multiply-accumulates to each exit.</param>
    /// <param name="leastAccuracy">The accuracy that is enough, 0 to 1.</param>
    public static OperatingPoint Choose(IReadOnlyList<OperatingPoint> points, IReadOnlyList<double> macs, double leastAccuracy)
    {
        // Accuracies are fractions of the same images: what differs by less than any image is rounding.
        OperatingPoint[] enough = [.. points.Where(point => point.Accuracy >= leastAccuracy - 1e-9)];
        return enough.Length > 0
            ? enough.OrderBy(point => point.Expected(macs)).ThenByDescending(point => point.Accuracy).First()
            : points.OrderByDescending(point => point.Accuracy).ThenBy(point => point.Expected(macs)).First();
    }
}

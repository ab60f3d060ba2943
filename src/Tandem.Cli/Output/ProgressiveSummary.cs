using System.Globalization;
using Tandem.Cli.Commands.Progressive;
using Tandem.Graphs.Exits;
using Tandem.Progressive.Calibration;

namespace Tandem.Cli.Output;

/// <summary>The numbers of a network with exits that tables, JSON and pages show.</summary>
internal sealed class ProgressiveSummary
{
    private readonly ProgressiveDescription _description;

    public ProgressiveSummary(ProgressiveModel model)
    {
        _description = model.Description;
        Name = model.Graph.Name;
        Table = _description.Calibration;
        Macs = [.. _description.Exits.Select(exit => (double)exit.Macs)];
        FullMacs = Table?.FullMacs ?? ExitPrefix.Macs(model.Graph, [_description.Exits[^1].Output]);
        Front = ParetoFront.Of(Table?.Points ?? [], Macs);
        PerExit = ParetoFront.Of(Table?.PerExit ?? [], Macs);
    }

    /// <summary>The network's name.</summary>
    public string Name { get; }

    /// <summary>The exits.</summary>
    public IReadOnlyList<Exit> Exits => _description.Exits;

    /// <summary>What calibration found out; null where there was none.</summary>
    public CalibrationTable? Table { get; }

    /// <summary>Multiply-accumulates to each exit.</summary>
    public IReadOnlyList<double> Macs { get; }

    /// <summary>Multiply-accumulates of the network without early exits.</summary>
    public long FullMacs { get; }

    /// <summary>The points with one threshold that no other such point beats.</summary>
    public IReadOnlyList<OperatingPoint> Front { get; }

    /// <summary>The points with a threshold for each exit that no other such point beats.</summary>
    public IReadOnlyList<OperatingPoint> PerExit { get; }

    /// <summary>A point's multiply-accumulates as a fraction of the network's without early exits.</summary>
    public double RelativeMacs(OperatingPoint point) => point.Expected(Macs) / Math.Max(1, FullMacs);

    /// <summary>A point's latency on a processor, in milliseconds.</summary>
    public static double Milliseconds(OperatingPoint point, ProcessorCost cost) => point.Expected(cost.Milliseconds);

    /// <summary>What was chosen and what it is worth, in lines.</summary>
    public IEnumerable<string> Sentences()
    {
        if (Table is null)
        {
            yield break;
        }
        yield return $"thresholds {Thresholds(Table.Chosen)}: {Percent(Table.Chosen.Accuracy)} at {Ratio(RelativeMacs(Table.Chosen))} of the network's "
            + $"multiply-accumulates; the last exit alone {Percent(Table.Exits[^1].Accuracy)} ({Table.Images} images of {Table.Data})";
        if (Table.Test is { } test)
        {
            string alone = Table.TestAccuracyOfLast is { } last ? $"; the last exit alone {Percent(last)}" : "";
            yield return $"the same on {Table.TestImages} other images: {Percent(test.Accuracy)} at {Ratio(RelativeMacs(test))}{alone}";
        }
    }

    /// <summary>A point's thresholds: one where all are the same.</summary>
    public static string Thresholds(OperatingPoint point) =>
        point.Thresholds.Count == 0 ? "none" : string.Join(", ", point.Thresholds.All(t => t == point.Thresholds[0])
            ? [Threshold(point.Thresholds[0])]
            : point.Thresholds.Select(Threshold));

    /// <summary>A threshold.</summary>
    public static string Threshold(double threshold) =>
        threshold > 1 ? "never" : threshold.ToString("0.00##", CultureInfo.InvariantCulture);

    /// <summary>A fraction as a percentage with a decimal.</summary>
    public static string Percent(double fraction) => (100 * fraction).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Ratio(double ratio) => ratio.ToString("0.000", CultureInfo.InvariantCulture);
}

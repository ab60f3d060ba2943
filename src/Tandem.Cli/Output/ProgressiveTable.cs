using System.Globalization;
using Spectre.Console;
using Tandem.Cli.Commands.Progressive;
using Tandem.Graphs.Exits;

namespace Tandem.Cli.Output;

/// <summary>A network with exits as tables for people.</summary>
internal static class ProgressiveTable
{
    public static void Print(ProgressiveModel model)
    {
        var summary = new ProgressiveSummary(model);
        AnsiConsole.WriteLine(FormattableString.Invariant(
            $"{summary.Name}: {summary.Exits.Count} exits, {summary.FullMacs / 1e6:0.00} M multiply-accumulates without the early ones"));
        AnsiConsole.Write(Exits(summary));
        if (summary.Table is not { } table)
        {
            return;
        }
        AnsiConsole.WriteLine("One threshold for all exits; * no other threshold is both cheaper and as accurate:");
        AnsiConsole.Write(Points(summary, table.Points, summary.Front));
        if (summary.PerExit.Count > 0)
        {
            AnsiConsole.WriteLine("A threshold for each exit:");
            AnsiConsole.Write(Points(summary, summary.PerExit, []));
        }
        foreach (string sentence in summary.Sentences())
        {
            AnsiConsole.WriteLine(sentence);
        }
    }

    private static Table Exits(ProgressiveSummary summary)
    {
        string[] calibrated = summary.Table is null ? [] : ["accuracy alone", "calibration error", "leave here"];
        Table printed = Tables.New(["exit", "output", "M MACs", "of network", "threshold", "temperature", .. calibrated]);
        for (int i = 0; i < summary.Exits.Count; i++)
        {
            Exit exit = summary.Exits[i];
            string[] found = summary.Table is not { } table ? [] :
            [
                ProgressiveSummary.Percent(table.Exits[i].Accuracy),
                Error(table.Exits[i]),
                ProgressiveSummary.Percent(table.Chosen.Shares[i]),
            ];
            printed.AddRow(
            [
                (i + 1).ToString(CultureInfo.InvariantCulture),
                Markup.Escape(exit.Output),
                (exit.Macs / 1e6).ToString("0.00", CultureInfo.InvariantCulture),
                ProgressiveSummary.Percent(exit.Macs / Math.Max(1.0, summary.FullMacs)),
                i == summary.Exits.Count - 1 ? "last" : ProgressiveSummary.Threshold(exit.Threshold),
                exit.Temperature.ToString("0.00", CultureInfo.InvariantCulture),
                .. found,
            ]);
        }
        return printed;
    }

    private static Table Points(ProgressiveSummary summary, IReadOnlyList<OperatingPoint> points, IReadOnlyList<OperatingPoint> front)
    {
        CalibrationTable table = summary.Table!;
        Table printed = Tables.New(
        [
            "threshold", "accuracy", "MACs of network", .. summary.Exits.Select((_, i) => $"exit {i + 1}"),
            .. table.Processors.SelectMany(Columns),
        ]);
        foreach (OperatingPoint point in points)
        {
            printed.AddRow(
            [
                $"{ProgressiveSummary.Thresholds(point)}{(front.Contains(point) ? " *" : "")}",
                ProgressiveSummary.Percent(point.Accuracy),
                ProgressiveSummary.Percent(summary.RelativeMacs(point)),
                .. point.Shares.Select(ProgressiveSummary.Percent),
                .. table.Processors.SelectMany(cost => Costs(point, cost)),
            ]);
        }
        return printed;
    }

    private static IEnumerable<string> Columns(ProcessorCost cost)
    {
        string name = Markup.Escape(cost.Processor);
        return cost.Millijoules is null ? [$"{name} ms"] : [$"{name} ms", $"{name} mJ"];
    }

    private static IEnumerable<string> Costs(OperatingPoint point, ProcessorCost cost)
    {
        string ms = Tables.Ms(ProgressiveSummary.Milliseconds(point, cost));
        return cost.Millijoules is { } energy ? [ms, Tables.Ms(point.Expected(energy))] : [ms];
    }

    private static string Error(ExitQuality exit)
    {
        string after = exit.ErrorAfter.ToString("0.000", CultureInfo.InvariantCulture);
        return exit.ErrorAfter == exit.ErrorBefore ? after : $"{exit.ErrorBefore.ToString("0.000", CultureInfo.InvariantCulture)} > {after}";
    }
}

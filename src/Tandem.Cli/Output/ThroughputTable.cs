using System.Globalization;
using Spectre.Console;
using Tandem.Planning;

namespace Tandem.Cli.Output;

/// <summary>Inferences per second as a table.</summary>
internal static class ThroughputTable
{
    public static void Print(IReadOnlyList<ThroughputResult> ways)
    {
        if (ways.Count == 0)
        {
            return;
        }
        double? allCores = ways.FirstOrDefault(way => way.Name == PolicyNames.OrtAllCores)?.PerSecond;
        Table table = Tables.New("several at once", "inferences / s", $"vs {PolicyNames.OrtAllCores}", "how");
        foreach (ThroughputResult way in ways)
        {
            table.AddRow(
                Markup.Escape(way.Name),
                way.PerSecond.ToString("0.0", CultureInfo.InvariantCulture),
                allCores is null ? "" : Tables.Ratio(way.PerSecond / allCores.Value),
                Markup.Escape(way.SameAs is { } same ? $"as {same}" : way.Plan is { } plan ? Words(plan) : ""));
        }
        AnsiConsole.Write(table);
    }

    /// <summary>The lanes side by side, and the stages of each by the kernels that they end at.</summary>
    public static string Words(ThroughputPlan plan) => string.Join(" | ", plan.Lanes.Select(lane => lane.Steps.Count == 1
        ? lane.Processors[0]
        : string.Join(" > ", lane.Steps.Select(step => $"{step.Processor} {step.Slice.Kernels.First}-{step.Slice.Kernels.End - 1}"))));
}

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
        Table table = Tables.New("several at once", "inferences / s", $"vs {PolicyNames.OrtAllCores}");
        foreach (ThroughputResult way in ways)
        {
            table.AddRow(
                Markup.Escape(way.Name),
                way.PerSecond.ToString("0.0", CultureInfo.InvariantCulture),
                allCores is null ? "" : Tables.Ratio(way.PerSecond / allCores.Value));
        }
        AnsiConsole.Write(table);
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Tandem.Cli.Output;

/// <summary>Accuracies as a table and as JSON, whose field names never change.</summary>
internal static class AccuracyOutput
{
    // With fewer classes, five guesses say little.
    private const int LeastClassesForTop5 = 100;

    /// <summary>Prints a table.</summary>
    /// <param name="title">The line above it.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="results">The rows; the first is the reference.</param>
    public static void Print(string title, int classes, IReadOnlyList<AccuracyResult> results)
    {
        AnsiConsole.WriteLine(title);
        bool hasTop5 = classes >= LeastClassesForTop5;
        bool hasLatency = results.Any(result => result.Latency is not null);
        Table table = Tables.New(
            ["", "top-1 %", "against fp32", .. hasTop5 ? ["top-5 %"] : Array.Empty<string>(), "agrees %", .. hasLatency ? ["median ms", "vs fp32"] : Array.Empty<string>()]);
        AccuracyResult reference = results[0];
        foreach (AccuracyResult result in results)
        {
            List<string> cells =
            [
                Markup.Escape(result.Name + (result.SameAs is { } same ? $" (= {same})" : "")),
                Percent(result.Score.Accuracy),
                Signed(result.Score.Accuracy - reference.Score.Accuracy),
                .. hasTop5 ? [Percent(result.Score.Top5Accuracy)] : Array.Empty<string>(),
                Percent(result.Score.Agreement),
            ];
            if (hasLatency)
            {
                cells.Add(result.Latency is { } latency ? Tables.Ms(latency.MedianMs) : "");
                cells.Add(result.Latency is { } own && reference.Latency is { } plain ? Tables.Ratio(own.MedianMs / plain.MedianMs) : "");
            }
            table.AddRow([.. cells]);
        }
        AnsiConsole.Write(table);
    }

    /// <summary>One result.</summary>
    public static JsonObject Of(AccuracyResult result, int classes)
    {
        JsonObject json = new()
        {
            ["name"] = result.Name,
            ["top1"] = Json.Number(result.Score.Accuracy),
            ["agreement"] = Json.Number(result.Score.Agreement),
            ["images"] = result.Score.Images,
        };
        if (classes >= LeastClassesForTop5)
        {
            json["top5"] = Json.Number(result.Score.Top5Accuracy);
        }
        if (result.Exits.Count > 1)
        {
            json["exitsTop1"] = new JsonArray([.. result.Exits.Select(exit => Json.Number(exit.Accuracy))]);
        }
        if (result.Latency is { } latency)
        {
            json["medianMs"] = Json.Number(latency.MedianMs);
        }
        if (result.SameAs is { } same)
        {
            json["samePlanAs"] = same;
        }
        return json;
    }

    /// <summary>A share as a percentage.</summary>
    public static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A difference of shares in percentage points.</summary>
    public static string Signed(double difference) => (100 * difference).ToString("+0.00;-0.00;0", CultureInfo.InvariantCulture);
}

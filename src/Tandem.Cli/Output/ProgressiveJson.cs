using System.Text.Json.Nodes;
using Tandem.Cli.Commands.Progressive;
using Tandem.Graphs.Exits;

namespace Tandem.Cli.Output;

/// <summary>A network with exits as JSON.</summary>
internal static class ProgressiveJson
{
    public static JsonObject Of(ProgressiveModel model)
    {
        var summary = new ProgressiveSummary(model);
        return new JsonObject
        {
            ["network"] = summary.Name,
            ["macs"] = summary.FullMacs,
            ["exits"] = new JsonArray([.. summary.Exits.Select((exit, i) => (JsonNode)ExitOf(summary, exit, i))]),
            ["calibration"] = summary.Table is { } table ? Table(summary, table) : null,
        };
    }

    private static JsonObject ExitOf(ProgressiveSummary summary, Exit exit, int index)
    {
        bool isLast = index == summary.Exits.Count - 1;
        var json = new JsonObject
        {
            ["output"] = exit.Output,
            ["macs"] = exit.Macs,
            ["relativeMacs"] = Json.Number(exit.Macs / Math.Max(1.0, summary.FullMacs)),
            ["threshold"] = isLast ? null : Json.Number(exit.Threshold),
            ["temperature"] = Json.Number(exit.Temperature),
        };
        if (summary.Table?.Exits[index] is { } quality)
        {
            json["accuracy"] = Json.Number(quality.Accuracy);
            json["calibrationErrorBefore"] = Json.Number(quality.ErrorBefore);
            json["calibrationError"] = Json.Number(quality.ErrorAfter);
        }
        return json;
    }

    private static JsonObject Table(ProgressiveSummary summary, CalibrationTable table) => new()
    {
        ["data"] = table.Data,
        ["images"] = table.Images,
        ["chosen"] = Point(summary, table.Chosen),
        ["testImages"] = table.TestImages,
        ["test"] = table.Test is null ? null : Point(summary, table.Test),
        ["testAccuracyOfLast"] = table.TestAccuracyOfLast is { } last ? Json.Number(last) : null,
        ["points"] = new JsonArray([.. table.Points.Select(point => (JsonNode)Point(summary, point, summary.Front.Contains(point)))]),
        ["perExit"] = new JsonArray([.. summary.PerExit.Select(point => (JsonNode)Point(summary, point, true))]),
    };

    private static JsonObject Point(ProgressiveSummary summary, OperatingPoint point, bool? isOnFront = null)
    {
        var json = new JsonObject
        {
            ["thresholds"] = Numbers(point.Thresholds),
            ["accuracy"] = Json.Number(point.Accuracy),
            ["shares"] = Numbers(point.Shares),
            ["macs"] = Json.Number(Math.Round(point.Expected(summary.Macs))),
            ["relativeMacs"] = Json.Number(summary.RelativeMacs(point)),
        };
        if (isOnFront is { } onFront)
        {
            json["isOnParetoFront"] = onFront;
        }
        if (summary.Table!.Processors.Count > 0)
        {
            json["processors"] = new JsonObject(summary.Table.Processors.Select(cost => KeyValuePair.Create<string, JsonNode?>(cost.Processor, new JsonObject
            {
                ["milliseconds"] = Json.Number(ProgressiveSummary.Milliseconds(point, cost)),
                ["millijoules"] = cost.Millijoules is { } energy ? Json.Number(point.Expected(energy)) : null,
            })));
        }
        return json;
    }

    private static JsonArray Numbers(IEnumerable<double> values) => new([.. values.Select(value => Json.Number(value))]);
}

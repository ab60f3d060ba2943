using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Tandem.Cli.Commands.Progressive;
using Tandem.Learning.Training;

namespace Tandem.Cli.Output;

/// <summary>What 'tandem progressive train' prints in the end: a table of exits, or JSON.</summary>
internal static class TrainingOutput
{
    public static void Print(TrainingOutcome outcome)
    {
        if (outcome.Request.IsJson)
        {
            Json.Print(ToJson(outcome));
            return;
        }
        TrainingResult result = outcome.Result;
        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{outcome.Network.Name}: {outcome.Epochs} epochs of {outcome.Data.Training.Count} images in {result.Seconds:0} s, "
            + $"{result.ImagesPerSecond:0} images/s; accuracy on {outcome.Data.Validation.Count} others:"));
        Table table = Tables.New("exit", "output", "million MACs", "% of the network", "accuracy, %", "loss");
        double whole = outcome.Exits[^1].Exit.Macs;
        foreach (((var exit, OutputScore score), int number) in outcome.Exits.Select((e, i) => (e, i + 1)))
        {
            table.AddRow(
                number == outcome.Exits.Count ? "last" : number.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(exit.Output),
                (exit.Macs / 1e6).ToString("0.00", CultureInfo.InvariantCulture),
                (100 * exit.Macs / whole).ToString("0.0", CultureInfo.InvariantCulture),
                (100 * score.Accuracy).ToString("0.00", CultureInfo.InvariantCulture),
                score.Loss.ToString("0.0000", CultureInfo.InvariantCulture));
        }
        AnsiConsole.Write(table);
        string[] files = [outcome.Request.Out, .. new[] { outcome.Request.Metrics, outcome.Request.Html }.OfType<string>()];
        AnsiConsole.WriteLine($"wrote {string.Join(", ", files)}");
    }

    private static JsonObject ToJson(TrainingOutcome outcome) => new()
    {
        ["model"] = outcome.Network.Name,
        ["data"] = outcome.Data.Name,
        ["classes"] = outcome.Data.Training.Classes.Count,
        ["trainingImages"] = outcome.Data.Training.Count,
        ["validationImages"] = outcome.Data.Validation.Count,
        ["epochs"] = outcome.Epochs,
        ["steps"] = outcome.Result.Steps,
        ["seconds"] = Json.Number(outcome.Result.Seconds),
        ["imagesPerSecond"] = Json.Number(outcome.Result.ImagesPerSecond),
        ["accuracy"] = Json.Number(outcome.Exits[^1].Score.Accuracy),
        ["loss"] = Json.Number(outcome.Exits[^1].Score.Loss),
        ["exits"] = new JsonArray([.. outcome.Exits.Select(e => (JsonNode)new JsonObject
        {
            ["output"] = e.Exit.Output,
            ["macs"] = e.Exit.Macs,
            ["accuracy"] = Json.Number(e.Score.Accuracy),
            ["loss"] = Json.Number(e.Score.Loss),
        })]),
        ["out"] = outcome.Request.Out,
    };
}

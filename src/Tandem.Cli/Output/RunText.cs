using System.Globalization;
using Spectre.Console;
using Tandem.Execution;

namespace Tandem.Cli.Output;

/// <summary>What 'tandem run' tells people.</summary>
internal static class RunText
{
    public static void Print(
        BenchmarkResult result,
        PolicyResult main,
        Deployment deployed,
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> outputs,
        ExitRun? exit,
        IReadOnlyList<string> written)
    {
        BenchmarkTable.Print(result);
        if (main.Plan.Steps.Count > 1)
        {
            PlanTable.Print(main.Plan, deployed.Network, main.Trace);
        }
        foreach (OutputSummary output in OutputSummary.Of(deployed.Model, outputs))
        {
            string largest = string.Join(", ", output.Largest.Select(l =>
                string.Create(CultureInfo.InvariantCulture, $"[{l.Index}] {l.Value:0.####}")));
            AnsiConsole.WriteLine($"output {output.Name} {output.Shape}: largest {largest}");
        }
        if (exit is not null)
        {
            AnsiConsole.WriteLine(Left(exit));
        }
        foreach (string path in written)
        {
            AnsiConsole.WriteLine($"wrote {path}");
        }
        AnsiConsole.WriteLine($"{Verdict(result, main)}");
    }

    private static string Left(ExitRun exit)
    {
        string className = exit.ClassName is { } name ? $" '{name}'" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"left at exit {exit.Number} of {exit.Description.Exits.Count}: class {exit.Taken.Class}{className} with confidence "
            + $"{exit.Taken.Confidence:0.###}, after {Tables.Ms(exit.MedianMs)} ms");
    }

    private static string Verdict(BenchmarkResult result, PolicyResult main)
    {
        string time = $"{result.Model}: {Tables.Ms(main.Latency.MedianMs)} ms on {string.Join(" + ", main.Plan.Processors)}";
        return result.BestPlain is not { } plain || main.Policy == plain.Policy
            ? time
            : $"{time}, {Tables.Ratio(plain.Latency.MedianMs / main.Latency.MedianMs)} times the best plain plan ({plain.Policy}, "
                + $"{Tables.Ms(plain.Latency.MedianMs)} ms); outputs within {Tables.Error(main.MaxRelativeError)} of ONNX Runtime's";
    }
}

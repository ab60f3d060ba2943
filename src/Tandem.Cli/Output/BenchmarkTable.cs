using System.Globalization;
using Spectre.Console;
using Tandem.Graphs.Quantization;
using Tandem.Planning;

namespace Tandem.Cli.Output;

/// <summary>A benchmark as a table.</summary>
internal static class BenchmarkTable
{
    public static void Print(BenchmarkResult result)
    {
        AnsiConsole.WriteLine($"{result.Model}, {result.Runs} interleaved runs");
        Table table = Tables.New("policy", "median ms", "p10", "p90", "predicted", "vs best plain", "max rel. error", "peak MB");
        double? plain = result.BestPlain?.Latency.MedianMs;
        foreach (PolicyResult p in result.Policies)
        {
            table.AddRow(
                Markup.Escape(p.Policy + (p.SameAs is not null ? $" (= {p.SameAs})" : "")),
                Tables.Ms(p.Latency.MedianMs),
                Tables.Ms(p.Latency.P10Ms),
                Tables.Ms(p.Latency.P90Ms),
                Tables.Ms(p.Plan.PredictedMs),
                plain is null ? "" : Tables.Ratio(plain.Value / p.Latency.MedianMs),
                Tables.Error(p.MaxRelativeError) + Precisions(p.Plan)
                    + (p.Plan.MeasuredError is { } measured ? $" (planned with {Tables.Error(measured)})" : ""),
                p.PeakMemoryMb.ToString("0", CultureInfo.InvariantCulture));
        }
        if (result.IdealMs is { } ideal)
        {
            table.AddRow("ideal of cpu and gpu", Tables.Ms(ideal), "", "", "", plain is null ? "" : Tables.Ratio(plain.Value / ideal), "", "");
        }
        AnsiConsole.Write(table);
    }

    /// <summary>The precisions that make outputs differ by design.</summary>
    private static string Precisions(Plan plan) => plan.IsQuantized
        ? $" ({string.Join(", ", plan.Steps.Select(s => s.Slice.Precision).Where(p => p != NumericPrecision.Float32).Distinct().Order().Select(p => p.ShortName()))})"
        : "";
}

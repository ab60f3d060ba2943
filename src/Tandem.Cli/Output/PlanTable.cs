using System.Globalization;
using Spectre.Console;
using Tandem.Execution;
using Tandem.Graphs.Kernels;
using Tandem.Planning;

namespace Tandem.Cli.Output;

/// <summary>A plan as a table: one line a step, with what was measured where it was run.</summary>
internal static class PlanTable
{
    public static void Print(Plan plan, Network network, Trace? trace)
    {
        Table table = Tables.New("step", "processor", "slice", "kernels", "after", "predicted ms", trace is null ? "" : "measured ms");
        foreach (Step step in plan.Steps)
        {
            table.AddRow(
                step.Id.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(step.Processor),
                Markup.Escape(step.Slice.ToString()),
                Markup.Escape(Kernels(network, step.Slice.Kernels)),
                string.Join(',', step.DependsOn),
                Tables.Ms(step.PredictedMs),
                trace is null ? "" : Tables.Ms(trace.Steps[step.Id].DurationMs));
        }
        AnsiConsole.Write(table);
    }

    private static string Kernels(Network network, KernelRange range)
    {
        string first = network.Kernels[range.First].Type;
        return range.Count == 1 ? first : $"{first} ... {network.Kernels[range.End - 1].Type} ({range.Count})";
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Tandem.Execution;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Profiling.Sampling;

namespace Tandem.Cli.Output;

/// <summary>What 'tandem profile --configurations' says.</summary>
internal static class SamplingOutput
{
    /// <summary>Everything: each kernel's samples, and how well they repeat.</summary>
    public static JsonObject ToJson(
        int seed, IReadOnlyList<DrawnKernel> kernels, LocalDevice device, Prediction.Profile profile, IReadOnlyList<SamplingResult> results) => new()
        {
            ["configurations"] = kernels.Count,
            ["seed"] = seed,
            ["processors"] = new JsonArray([.. results.Select(r => (JsonNode)new JsonObject
            {
                ["processor"] = r.Processor,
                ["measured"] = r.Kernels,
                ["refused"] = r.Refused,
                ["repeated"] = r.RepeatedKernels,
                ["halvesWithinTenPercent"] = Json.Number(r.Repeatable),
                ["halvesWithinTenPercentAsMeasured"] = Json.Number(r.RepeatableAsMeasured),
                ["isDriftCorrected"] = r.IsDriftCorrected,
            })]),
            ["samples"] = new JsonArray([.. device.Cooperating.SelectMany(p => Samples(kernels, p, profile)).Select(s => (JsonNode)new JsonObject
            {
                ["processor"] = s.ProcessorKey,
                ["configuration"] = s.KernelDescription,
                ["signature"] = s.KernelSignature,
                ["medianMs"] = Json.Number(s.MedianMilliseconds),
                ["p10Ms"] = Json.Number(s.P10Milliseconds),
                ["p90Ms"] = Json.Number(s.P90Milliseconds),
                ["runs"] = s.RunCount,
            })]),
        };

    /// <summary>How many kernels of each type there are and how long they take together, and how well they repeat.</summary>
    public static void Print(
        IReadOnlyList<DrawnKernel> kernels, LocalDevice device, Prediction.Profile profile, IReadOnlyList<SamplingResult> results)
    {
        Table table = Tables.New(["kernel", .. device.Cooperating.SelectMany(p => new[] { p.Info.Name, "mean ms" })]);
        foreach (IGrouping<string, DrawnKernel> type in kernels.GroupBy(k => k.Configuration.Shape.Type).OrderByDescending(g => g.Count()))
        {
            table.AddRow([Markup.Escape(type.Key), .. device.Cooperating.SelectMany(p => Cells([.. Samples(type, p, profile)]))]);
        }
        AnsiConsole.Write(table);
        Table repeatability = Tables.New("processor", "measured now", "refused", "repeats within 10 %", "as measured", "times");
        foreach (SamplingResult result in results)
        {
            repeatability.AddRow(
                Markup.Escape(result.Processor),
                result.Kernels.ToString(CultureInfo.InvariantCulture),
                result.Refused.ToString(CultureInfo.InvariantCulture),
                result.RepeatedKernels == 0 ? "unknown" : Percent(result.Repeatable),
                result.RepeatedKernels == 0 ? "unknown" : Percent(result.RepeatableAsMeasured),
                result.IsDriftCorrected ? "corrected by the reference kernel" : "as measured");
        }
        AnsiConsole.Write(repeatability);
    }

    private static IEnumerable<Sample> Samples(IEnumerable<DrawnKernel> kernels, IProcessor processor, Prediction.Profile profile) =>
        kernels.Select(k => profile.Find(processor.Info.Key, k.Key)).OfType<Sample>();

    private static string[] Cells(Sample[] samples) => samples.Length == 0
        ? ["0", ""]
        : [samples.Length.ToString(CultureInfo.InvariantCulture), Tables.Ms(samples.Average(s => s.MedianMilliseconds))];

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}

using System.Text.Json.Nodes;
using Tandem.Planning;

namespace Tandem.Cli.Output;

/// <summary>The JSON form of a benchmark. These field names never change.</summary>
internal static class BenchmarkJson
{
    /// <summary>A network's results; inferences per second, and how they were reached, are additional fields, there only where they were measured.</summary>
    public static JsonObject Of(BenchmarkResult result, IReadOnlyList<ThroughputResult> throughput)
    {
        JsonObject json = Of(result);
        if (throughput.Count > 0)
        {
            json["inferencesPerSecond"] = new JsonObject(throughput.Select(
                way => KeyValuePair.Create<string, JsonNode?>(way.Name, Json.Number(way.PerSecond))));
            json["throughputPlan"] = throughput.FirstOrDefault(way => way.SameAs is not null)?.SameAs;
            json["predictedPerSecond"] = new JsonObject(throughput.Where(way => way.SameAs is null && way.Plan is not null).Select(
                way => KeyValuePair.Create<string, JsonNode?>(way.Name, Json.Number(way.Plan!.PredictedPerSecond))));
            json["pipelineStages"] = PipelineStages(throughput);
        }
        return json;
    }

    private static JsonArray? PipelineStages(IReadOnlyList<ThroughputResult> throughput) =>
        throughput.FirstOrDefault(way => way.Name == PolicyNames.Pipeline)?.Plan is { } pipeline
            ? [.. pipeline.Lanes[0].Steps.Select(step => new JsonObject
            {
                ["processor"] = step.Processor,
                ["firstKernel"] = step.Slice.Kernels.First,
                ["lastKernel"] = step.Slice.Kernels.End - 1,
                ["predictedMs"] = Json.Number(step.PredictedMs),
            })]
            : null;

    /// <summary>A network's results; the errors that plans were made with are an additional field, there only where some was measured.</summary>
    public static JsonObject Of(BenchmarkResult result)
    {
        JsonObject json = Fields(result);
        if (result.Policies.Any(p => p.Plan.MeasuredError is not null))
        {
            json["measuredError"] = new JsonObject(result.Policies.Where(p => p.Plan.MeasuredError is not null)
                .Select(p => KeyValuePair.Create(p.Policy, Json.Number(p.Plan.MeasuredError!.Value))));
        }
        return json;
    }

    private static JsonObject Fields(BenchmarkResult result) => new()
    {
        ["model"] = result.Model,
        ["runs"] = result.Runs,
        ["latencyMs"] = ByPolicy(result, p => new JsonObject
        {
            ["median"] = Json.Number(p.Latency.MedianMs),
            ["p10"] = Json.Number(p.Latency.P10Ms),
            ["p90"] = Json.Number(p.Latency.P90Ms),
        }),
        ["idealMs"] = result.IdealMs is { } ideal ? Json.Number(ideal) : null,
        ["predictedMs"] = ByPolicy(result, p => Json.Number(p.Plan.PredictedMs)),
        ["maxRelativeError"] = ByPolicy(result, p => Json.Number(p.MaxRelativeError)),
        ["peakMemoryMb"] = ByPolicy(result, p => Json.Number(p.PeakMemoryMb)),
        ["samePlanAs"] = new JsonObject(result.Policies.Where(p => p.SameAs is not null)
            .Select(p => KeyValuePair.Create<string, JsonNode?>(p.Policy, p.SameAs))),
    };

    private static JsonObject ByPolicy(BenchmarkResult result, Func<PolicyResult, JsonNode?> value) =>
        new(result.Policies.Select(p => KeyValuePair.Create(p.Policy, value(p))));
}

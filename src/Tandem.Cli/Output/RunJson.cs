using System.Text.Json.Nodes;
using Tandem.Execution;
using Tandem.Planning;

namespace Tandem.Cli.Output;

/// <summary>The JSON form of 'tandem run': the benchmark's fields, the plan, the outputs' largest elements, and where a progressive network was left.</summary>
internal static class RunJson
{
    public static JsonObject Of(
        BenchmarkResult result,
        PolicyResult main,
        Deployment deployed,
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> outputs,
        ExitRun? exit)
    {
        JsonObject json = BenchmarkJson.Of(result);
        json["policy"] = main.Policy;
        json["processors"] = new JsonArray([.. main.Plan.Processors.Select(p => (JsonNode)p)]);
        json["outputs"] = new JsonArray([.. OutputSummary.Of(deployed.Model, outputs).Select(o => (JsonNode)new JsonObject
        {
            ["name"] = o.Name,
            ["shape"] = new JsonArray([.. o.Shape.Select(d => (JsonNode)d)]),
            ["largest"] = new JsonArray([.. o.Largest.Select(l => (JsonNode)new JsonObject
            {
                ["index"] = l.Index,
                ["value"] = Json.Number(l.Value),
            })]),
        })]);
        json["plan"] = JsonNode.Parse(PlanFile.ToJson(main.Plan));
        if (exit is not null)
        {
            json["exit"] = exit.Number;
            json["confidence"] = Json.Number(exit.Taken.Confidence);
            json["class"] = exit.Taken.Class;
            json["className"] = exit.ClassName;
            json["exitMs"] = Json.Number(exit.MedianMs);
        }
        return json;
    }
}

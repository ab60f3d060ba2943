using System.Text.Json;
using System.Text.Json.Serialization;
using Tandem.Planning;

namespace Tandem.Execution.Throughput;

/// <summary>Choices between ways to run a stream of inferences, as JSON.</summary>
internal static class ThroughputChoiceFile
{
    /// <summary>The JSON form of a choice.</summary>
    public static string ToJson(ThroughputChoice choice) => JsonSerializer.Serialize(
        new KeptThroughput(choice.Plan.Name, choice.Plan.Lanes, choice.PerSecond), KeptThroughputJson.Default.KeptThroughput);

    /// <summary>A choice from its JSON form.</summary>
    /// <exception cref="PlanException">The text is no choice, has no lane, or one whose plan is of another version.</exception>
    public static ThroughputChoice FromJson(string json)
    {
        try
        {
            if (JsonSerializer.Deserialize(json, KeptThroughputJson.Default.KeptThroughput) is { Lanes.Count: > 0 } kept)
            {
                // Lanes are plans, and what a plan must be like is said in one place.
                Plan[] lanes = [.. kept.Lanes.Select(lane => PlanFile.FromJson(PlanFile.ToJson(lane)))];
                return new(new ThroughputPlan(lanes) { Name = kept.Name }, kept.PerSecond);
            }
        }
        catch (JsonException e)
        {
            throw new PlanException($"not a choice (line {e.LineNumber + 1}): make a new one", e);
        }
        throw new PlanException("the choice has no lane: make a new one");
    }
}

/// <summary>A choice as it is written.</summary>
/// <param name="Name">What the way is called.</param>
/// <param name="Lanes">The plan of each lane.</param>
/// <param name="PerSecond">What each way that was run reached, by name.</param>
internal sealed record KeptThroughput(string Name, IReadOnlyList<Plan> Lanes, IReadOnlyDictionary<string, double> PerSecond);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    IgnoreReadOnlyProperties = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(KeptThroughput))]
internal sealed partial class KeptThroughputJson : JsonSerializerContext;

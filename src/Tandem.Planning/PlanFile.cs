using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tandem.Planning;

/// <summary>Plans as JSON.</summary>
public static class PlanFile
{
    /// <summary>The JSON form of a plan.</summary>
    public static string ToJson(Plan plan) => JsonSerializer.Serialize(plan, PlanJson.Default.Plan);

    /// <summary>A plan from its JSON form.</summary>
    /// <exception cref="PlanException">The text is no plan, or one of a newer version.</exception>
    public static Plan FromJson(string json)
    {
        Plan plan;
        try
        {
            plan = JsonSerializer.Deserialize(json, PlanJson.Default.Plan)
                ?? throw new PlanException("the plan is empty: make a new one with 'tandem plan MODEL --out FILE'");
        }
        catch (JsonException e)
        {
            throw new PlanException(
                $"not a plan (line {e.LineNumber + 1}): make a new one with 'tandem plan MODEL --out FILE'", e);
        }
        if (plan.Steps.Any(step => step is null) || plan.Exits?.Any(exit => exit is null) == true)
        {
            throw new PlanException("not a plan (a step or exit is null): make a new one with 'tandem plan MODEL --out FILE'");
        }
        if (plan.FormatVersion != Plan.CurrentFormatVersion)
        {
            throw new PlanException($"the plan has format version {plan.FormatVersion}, this build reads "
                + $"{Plan.CurrentFormatVersion}: make a new one with 'tandem plan MODEL --out FILE'");
        }
        return plan;
    }

    /// <summary>Writes a plan; an existing file is replaced only when the new one is complete.</summary>
    public static void Save(Plan plan, string path) => Write(ToJson(plan), path);

    /// <summary>Writes a text; an existing file is replaced only when the new one is complete.</summary>
    public static void Write(string json, string path)
    {
        string partial = path + ".partial";
        try
        {
            File.WriteAllText(partial, json);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Reads a plan.</summary>
    /// <exception cref="PlanException">There is no such file, or it is no plan.</exception>
    public static Plan Load(string path) => File.Exists(path)
        ? FromJson(File.ReadAllText(path))
        : throw new PlanException($"no plan at '{path}': make one with 'tandem plan MODEL --out {path}'");
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    IgnoreReadOnlyProperties = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Plan))]
internal sealed partial class PlanJson : JsonSerializerContext;

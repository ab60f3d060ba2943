using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tandem.Graphs.Exits;

/// <summary>
/// What makes an ONNX network progressive (SPINN, MobiCom 2020): its exits, from the cheapest to the last. It travels as metadata in the
/// network's own file.
/// </summary>
/// <param name="Exits">
/// The exits in the order in which an inference comes by, each of them an output of the graph; the last, which every inference that comes
/// so far takes, is the original network's output.
/// </param>
public sealed record ProgressiveDescription(IReadOnlyList<Exit> Exits)
{
    /// <summary>The key under which the description is kept in a model's metadata.</summary>
    public const string MetadataKey = "tandem.progressive";

    /// <summary>The classes' names, a label being an index into them; empty where they are not known.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Means of the channels of an image whose samples are 0 to 1, subtracted before the network; empty where not known.</summary>
    public IReadOnlyList<float> Means { get; init; } = [];

    /// <summary>Standard deviations of the channels, by which samples less their mean are divided; empty where not known.</summary>
    public IReadOnlyList<float> StandardDeviations { get; init; } = [];

    /// <summary>What its exits do on labelled images; null where it was not calibrated.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CalibrationTable? Calibration { get; init; }

    /// <summary>The description of a network; null where it is an ordinary one.</summary>
    /// <exception cref="InvalidModelException">The description is damaged, or does not fit the graph.</exception>
    public static ProgressiveDescription? Of(Graph graph)
    {
        if (!graph.Metadata.TryGetValue(MetadataKey, out string? json))
        {
            return null;
        }
        ProgressiveDescription? read;
        try
        {
            read = JsonSerializer.Deserialize(json, ProgressiveJson.Default.ProgressiveDescription);
        }
        catch (JsonException e)
        {
            throw new InvalidModelException(
                $"what its metadata say about exits ('{MetadataKey}') is damaged; make it anew with 'tandem progressive train'", e);
        }
        Exit? unknown = read?.Exits.FirstOrDefault(exit => graph.Outputs.All(output => output.Name != exit.Output));
        if (read is null || read.Exits.Count == 0 || unknown is not null)
        {
            throw new InvalidModelException(
                $"its metadata name exit '{unknown?.Output}', which is no output of the network; make it anew with 'tandem progressive train'");
        }
        if (read.Calibration?.Fits(read.Exits.Count) == false || read.Exits.Any(exit => !(exit.Temperature > 0)))
        {
            throw new InvalidModelException(
                $"what its metadata say about exits ('{MetadataKey}') contradicts itself; make it anew with 'tandem progressive train'");
        }
        return read;
    }

    /// <summary>The network with this description in its metadata, in place of any other.</summary>
    public Graph Describe(Graph graph) => new(
        graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(output => output.Name)], graph.Operators, graph.Constants.Values)
    {
        Metadata = new Dictionary<string, string>(graph.Metadata)
        {
            [MetadataKey] = JsonSerializer.Serialize(this, ProgressiveJson.Default.ProgressiveDescription),
        },
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ProgressiveDescription))]
internal sealed partial class ProgressiveJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tandem.Prediction.Codl;

/// <summary>
/// CoDL's latency predictor of one processor: the non-linear part of a kernel's latency (how many blocks its output takes)
/// is computed, and the time of a unit learned by linear regression, one small model for each type of kernel.
/// </summary>
/// <remarks>
/// Jia et al., "CoDL: Efficient CPU-GPU Co-execution for Deep Learning Inference on Mobile Devices", MobiSys 2022, Eq. 3 and Table 1.
/// There block sizes come from a table of chips; here the fit chooses among those of the usual implementations, so that any
/// engine and device can be fitted. Immutable: used by any number of threads.
/// </remarks>
public sealed class CodlPredictor
{
    private const string AnyType = "any";

    // A kernel's own part is never less than this of what it takes alone: launch and transform are averages.
    private const double LeastCompute = 0.3;

    private readonly Dictionary<string, KernelModel> _models;

    private CodlPredictor(SharingCosts sharing, IEnumerable<KernelModel> models)
    {
        Sharing = sharing;
        _models = models.ToDictionary(m => m.Type);
    }

    /// <summary>What a slice costs besides computing.</summary>
    public SharingCosts Sharing { get; }

    /// <summary>The model of each type of kernel; "any" is for types that were not measured.</summary>
    public IReadOnlyCollection<KernelModel> Models => _models.Values;

    /// <summary>How long the processor computes a kernel or a part of one, launch and sharing not included, in milliseconds.</summary>
    public double ComputeMs(in KernelShape shape) =>
        (_models.TryGetValue(shape.Type, out KernelModel? model) ? model : _models[AnyType]).PredictMs(shape);

    /// <summary>How long a kernel or a part of one takes alone, as a profile measures it, in milliseconds.</summary>
    public double AloneMs(MeasuredKernel kernel) =>
        Sharing.SliceMs(kernel.BoundaryBytes, kernel.RowBytes) + ComputeMs(kernel.Shape);

    /// <summary>The predictor as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(new CodlPredictorData(Sharing, [.. _models.Values]), CodlJson.Default.CodlPredictorData);

    /// <summary>A predictor from its JSON form.</summary>
    /// <exception cref="TandemException">The text is no predictor.</exception>
    public static CodlPredictor FromJson(string json)
    {
        CodlPredictorData? data = null;
        try
        {
            data = JsonSerializer.Deserialize(json, CodlJson.Default.CodlPredictorData);
        }
        catch (JsonException)
        {
            // Said below, as of texts that are JSON but no predictor.
        }
        return data is { Sharing: not null, Models: not null } && AreUsable(data.Models)
            ? new CodlPredictor(data.Sharing, data.Models)
            : throw new TandemException("not a CoDL predictor: fit a new one to a profile");
    }

    private static bool AreUsable(IReadOnlyList<KernelModel> models) =>
        models.All(m => m is { Type: not null, UnitMs.Count: KernelTerms.Count, Block: { Pixels: > 0, Channels: > 0, Cores: > 0 } })
        && models.Any(m => m.Type == AnyType)
        && models.DistinctBy(m => m.Type).Count() == models.Count;

    /// <summary>Fits a model for each type of kernel.</summary>
    internal static CodlPredictor Fit(SharingCosts sharing, IReadOnlyList<MeasuredKernel> kernels)
    {
        (KernelShape Shape, double Ms)[] samples = [.. kernels.Select(k =>
            (k.Shape, Math.Max(LeastCompute * k.Ms, k.Ms - sharing.SliceMs(k.BoundaryBytes, k.RowBytes))))];
        KernelModel any = KernelModel.FitSmooth(AnyType, samples);
        IEnumerable<KernelModel> models = samples
            .GroupBy(s => s.Shape.Type)
            .Select(type => KernelModel.Fit(type.Key, [.. type]));
        return new CodlPredictor(sharing, models.Append(any));
    }
}

/// <summary>What is stored of a predictor.</summary>
internal sealed record CodlPredictorData(SharingCosts Sharing, IReadOnlyList<KernelModel> Models);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CodlPredictorData))]
internal sealed partial class CodlJson : JsonSerializerContext;

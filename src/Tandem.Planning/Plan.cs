using System.Text.Json.Serialization;
using Tandem.Graphs.Quantization;

namespace Tandem.Planning;

/// <summary>
/// Which slice of a network runs where, in which order, and what waits for what. A plan is data: it can be saved, printed and
/// drawn, and holds no handle of any processor.
/// </summary>
public sealed record Plan
{
    /// <summary>The version of the JSON form that this build writes.</summary>
    public const int CurrentFormatVersion = 1;

    /// <summary>Version of the JSON form.</summary>
    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>The network's name.</summary>
    public required string Network { get; init; }

    /// <summary>The signature of the prepared network, so that a plan is never run with another one.</summary>
    public required string NetworkSignature { get; init; }

    /// <summary>The policy that made the plan.</summary>
    public required string Policy { get; init; }

    /// <summary>The steps, each after those it depends on. A processor runs its own in this order.</summary>
    public required IReadOnlyList<Step> Steps { get; init; }

    /// <summary>
    /// The exits of a progressive network, from the cheapest to the last; null for an ordinary one. All that an exit needs comes before what
    /// it does not, and no step behind an exit begins before it was decided whether the inference leaves there.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PlanExit>? Exits { get; init; }

    /// <summary>The expected latency of one inference, in milliseconds.</summary>
    public double PredictedMs => Steps.Count == 0 ? 0 : Steps.Max(s => s.PredictedStartMs + s.PredictedMs);

    /// <summary>The expected energy of one inference, in millijoules; null where the power of the processors is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PredictedMillijoules { get; init; }

    /// <summary>
    /// How far the outputs were from those in float32, relative, the worst of several inputs; null where the user gave no budget for it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MeasuredError { get; init; }

    /// <summary>Whether a step computes in less than the network's precision, so that outputs differ by design.</summary>
    public bool IsQuantized => Steps.Any(s => s.Slice.Precision != NumericPrecision.Float32);

    /// <summary>Whether one processor runs everything in one piece; in a progressive network, in one piece from exit to exit.</summary>
    public bool IsPlain => Steps.Count == (Exits?.Count ?? 1) && Processors.Count == 1;

    /// <summary>Names of the processors that have steps, in order of first use.</summary>
    public IReadOnlyList<string> Processors => [.. Steps.Select(s => s.Processor).Distinct()];
}

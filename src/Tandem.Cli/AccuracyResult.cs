using Tandem.Prediction;
using Tandem.Progressive.Evaluation;

namespace Tandem.Cli;

/// <summary>How well one way to run a network tells the classes of labelled images.</summary>
/// <param name="Name">A policy, <see cref="Reference"/> or <see cref="Int8"/>.</param>
/// <param name="Exits">The score of each exit; of an ordinary network, the only one.</param>
/// <param name="Latency">What an inference takes; null where that was not measured.</param>
internal sealed record AccuracyResult(string Name, IReadOnlyList<ClassificationScore> Exits, LatencyStatistics? Latency)
{
    /// <summary>Plain ONNX Runtime on the network as loaded, all cores.</summary>
    public const string Reference = "onnxruntime-fp32";

    /// <summary>Plain ONNX Runtime on the quantised network, all cores.</summary>
    public const string Int8 = "onnxruntime-int8";

    /// <summary>The policy whose plan is the same, so that this one was not run; null where it was.</summary>
    public string? SameAs { get; init; }

    /// <summary>The score of the network's own output, the last exit.</summary>
    public ClassificationScore Score => Exits[^1];
}

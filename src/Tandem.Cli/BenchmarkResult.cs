using Tandem.Execution;
using Tandem.Planning;
using Tandem.Prediction;

namespace Tandem.Cli;

/// <summary>One network measured under several policies in one run.</summary>
/// <param name="Model">The network's name.</param>
/// <param name="Runs">Counted rounds.</param>
/// <param name="Policies">One entry a policy, in the order asked for.</param>
/// <param name="IdealMs">
/// What perfect co-execution would take: 1 / (1/cpu + 1/gpu), from each alone in the same run; null where one of them is missing.
/// </param>
internal sealed record BenchmarkResult(string Model, int Runs, IReadOnlyList<PolicyResult> Policies, double? IdealMs)
{
    /// <summary>The fastest plain plan, or null where none was measured.</summary>
    public PolicyResult? BestPlain => Policies
        .Where(p => p.Policy is PolicyNames.OrtAllCores or PolicyNames.Cpu or PolicyNames.Gpu)
        .MinBy(p => p.Latency.MedianMs);
}

/// <summary>What one policy did.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Plan">Its plan.</param>
/// <param name="Latency">Measured latencies.</param>
/// <param name="MaxRelativeError">Against plain ONNX Runtime, as <see cref="OutputComparison"/> defines it.</param>
/// <param name="PeakMemoryMb">The most resident memory in MB (10^6 bytes) of a process of its own that opens the policy's session and runs it: libraries and runtimes included.</param>
/// <param name="Trace">The trace of the run that came nearest to the median.</param>
internal sealed record PolicyResult(
    string Policy, Plan Plan, LatencyStatistics Latency, double MaxRelativeError, double PeakMemoryMb, Trace Trace)
{
    /// <summary>The policy before it in the list that made the same plan, whose measurement this is; null where there is none.</summary>
    public string? SameAs { get; init; }
}

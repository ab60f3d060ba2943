namespace Tandem.Prediction.Store;

/// <summary>How long one kernel takes on one processor: the result of several runs.</summary>
/// <param name="ProcessorKey">The processor: engine, version, device and cores (ProcessorInfo.Key).</param>
/// <param name="KernelSignature">The kernel: 16 hexadecimal digits that differ when its operators, shapes or attributes do.</param>
/// <param name="KernelDescription">The kernel for people, or its <see cref="Kernels.KernelConfiguration"/>.</param>
/// <param name="MedianMilliseconds">The median latency.</param>
/// <param name="P10Milliseconds">The latency that a tenth of the runs stayed below.</param>
/// <param name="P90Milliseconds">The latency that nine tenths of the runs stayed below.</param>
/// <param name="RunCount">How many runs were timed.</param>
/// <param name="TakenAt">When, in UTC; kept to the millisecond.</param>
public sealed record Sample(
    string ProcessorKey,
    string KernelSignature,
    string KernelDescription,
    double MedianMilliseconds,
    double P10Milliseconds,
    double P90Milliseconds,
    int RunCount,
    DateTimeOffset TakenAt)
{
    /// <summary>Sums up the latencies of single runs; percentiles interpolate linearly between them.</summary>
    /// <param name="processorKey">The processor.</param>
    /// <param name="kernelSignature">The kernel's signature.</param>
    /// <param name="kernelDescription">The kernel, for people.</param>
    /// <param name="latenciesInMilliseconds">One latency per run, in any order; at least one.</param>
    /// <param name="clock">Tells when.</param>
    /// <exception cref="ArgumentException">There is no run, or a latency is not a finite number.</exception>
    public static Sample FromRuns(
        string processorKey,
        string kernelSignature,
        string kernelDescription,
        ReadOnlySpan<double> latenciesInMilliseconds,
        TimeProvider clock)
    {
        double[] latencies = latenciesInMilliseconds.ToArray();
        if (latencies.Length == 0 || !Array.TrueForAll(latencies, double.IsFinite))
        {
            throw new ArgumentException(
                "a sample takes at least one run, and every latency must be a finite number", nameof(latenciesInMilliseconds));
        }
        var runs = LatencyStatistics.Of(latencies);
        return new Sample(
            processorKey, kernelSignature, kernelDescription, runs.MedianMs, runs.P10Ms, runs.P90Ms, runs.RunCount, clock.GetUtcNow());
    }
}

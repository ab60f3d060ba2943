namespace Tandem.Profiling;

/// <summary>How thoroughly to measure.</summary>
public sealed record ProfilingOptions
{
    /// <summary>Measured runs of each kernel at most.</summary>
    public int MaxRuns { get; init; } = 15;

    /// <summary>Measured runs of each kernel at least, however slow it is.</summary>
    public int MinRuns { get; init; } = 3;

    /// <summary>A kernel is not run again once its measured runs took this long together.</summary>
    public TimeSpan PerKernel { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>No kernel is begun after this time; what was measured by then is kept.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// No variant of a kernel is measured after this time; kernels that are not tuned by then use the processor's own guess, and are
    /// tuned the next time.
    /// </summary>
    public TimeSpan TuningTimeLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Measures again what the profile already has.</summary>
    public bool Again { get; init; }
}

/// <summary>How far profiling is.</summary>
/// <param name="Done">Measurements made or found in the profile.</param>
/// <param name="Total">Measurements in all.</param>
/// <param name="Current">What is measured now.</param>
public readonly record struct ProfilingProgress(int Done, int Total, string Current);

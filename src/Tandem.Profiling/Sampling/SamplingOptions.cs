namespace Tandem.Profiling.Sampling;

/// <summary>How random kernels are measured.</summary>
public sealed record SamplingOptions
{
    /// <summary>How often the sampler goes through all kernels, minutes apart where there are many; at least 2.</summary>
    public int Passes { get; init; } = 4;

    /// <summary>How often each kernel's turn comes in a pass, once for each turn of the others.</summary>
    public int RoundsPerPass { get; init; } = 3;

    /// <summary>A kernel is run in each round until its counted runs took this long together.</summary>
    public TimeSpan PerRound { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Counted runs of a round at least, however slow the kernel is.</summary>
    public int LeastRuns { get; init; } = 2;

    /// <summary>Kernels that are compiled at a time take about as much memory at most, in bytes.</summary>
    public long HeldBytes { get; init; } = 1L << 30;

    /// <summary>Kernels that are compiled at a time at most.</summary>
    public int HeldKernels { get; init; } = 60;

    /// <summary>No kernels are begun after this time. The first pass takes only its part of it, so that every pass sees the same kernels.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Measures again what the profile already has.</summary>
    public bool Again { get; init; }
}

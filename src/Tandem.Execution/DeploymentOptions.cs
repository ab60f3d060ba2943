using Tandem.Planning;
using Tandem.Profiling;

namespace Tandem.Execution;

/// <summary>How a network is profiled and planned on a device.</summary>
public sealed record DeploymentOptions
{
    /// <summary>How thoroughly kernels are measured.</summary>
    public ProfilingOptions Profiling { get; init; } = new();

    /// <summary>
    /// Plans with estimates of kernels that were not measured, made from those of other networks, instead of measuring them. Where the
    /// profile has no kernel of a processor yet, the network is measured. What a processor refuses is found out when it is compiled.
    /// </summary>
    public bool EstimatesKernels { get; init; }

    /// <summary>How much is spent on trying plans.</summary>
    public PlanTuning Tuning { get; init; } = new();

    /// <summary>What plans shall be good at. Plain plans and those of other systems are what they are.</summary>
    public PlanObjective Objective { get; init; } = PlanObjective.LeastLatency;

    /// <summary>What each processor draws, by name; needed where the objective is about energy.</summary>
    public IReadOnlyDictionary<string, ProcessorPower> Powers { get; init; } = new Dictionary<string, ProcessorPower>();

    /// <summary>
    /// How far outputs may be from those in float32, relative as <see cref="OutputComparison"/> measures it, from 0 to 1. Above 0, policies
    /// <c>tandem</c> and <c>segments</c> run kernels in 8 bits where that is faster, as long as the plan's measured error
    /// is within. 0 keeps everything in float32.
    /// </summary>
    public double AccuracyBudget { get; init; }

    /// <summary>
    /// Inputs to quantise by: for each run the bytes of each input, in the network's order. Every second one is left for proving that plans keep to
    /// the budget. Without any, seeded numbers are taken, and the budget is proved on these only.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> Calibration { get; init; } = [];

    /// <summary>
    /// The file in which samples are kept between runs; null keeps them in memory only. Default: <c>tandem/profile.db</c> in the
    /// user's data directory.
    /// </summary>
    public string? ProfilePath { get; init; } = Prediction.Store.ProfilePath.Default;

    /// <summary>Gets one line when something went wrong that is no failure, such as a damaged profile that was moved aside.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Told how far profiling is.</summary>
    public IProgress<ProfilingProgress>? Progress { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

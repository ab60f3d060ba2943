using Tandem.Planning;

namespace Tandem.Execution;

/// <summary>What really happened in one inference, step by step.</summary>
/// <param name="TotalMs">From the call of Run to its return, in milliseconds.</param>
/// <param name="Steps">One entry for each step of the plan, in the plan's order.</param>
public sealed record Trace(double TotalMs, IReadOnlyList<StepTrace> Steps);

/// <summary>When a step ran and where its time went, in milliseconds.</summary>
/// <param name="Step">The step.</param>
/// <param name="StartMs">From the start of the inference to the start of the step.</param>
/// <param name="DurationMs">From the start of the step to its end.</param>
/// <param name="GatherMs">Of that: getting inputs into the processor's own memory.</param>
/// <param name="ComputeMs">Of that: computing.</param>
/// <param name="ScatterMs">Of that: putting outputs where others read them.</param>
public sealed record StepTrace(
    Step Step,
    double StartMs,
    double DurationMs,
    double GatherMs,
    double ComputeMs,
    double ScatterMs)
{
    /// <summary>Whether the step ran; false, with zeros, where the inference left at an exit before it.</summary>
    public bool HasRun { get; private init; } = true;

    /// <summary>A step behind the exit at which an inference left.</summary>
    internal static StepTrace NotRun(Step step) => new(step, 0, 0, 0, 0, 0) { HasRun = false };
}

namespace Tandem.Execution.Adaptation;

/// <summary>Why a plan was changed.</summary>
public enum PlanChangeReason
{
    /// <summary>Processors became slower than predicted.</summary>
    Slowdown,
    /// <summary>The first plan is the fastest again.</summary>
    LoadIsGone,
    /// <summary>The first plan never was as fast as the plain plan was measured to be: it was chosen under disturbance.</summary>
    ChoiceWasWrong,
}

/// <summary>A change of plan that proved right.</summary>
/// <param name="From">The plan before.</param>
/// <param name="To">The plan after.</param>
/// <param name="Reason">Why it was tried.</param>
/// <param name="BeforeMs">Recent latency of the plan before, in milliseconds.</param>
/// <param name="AfterMs">Latency of the plan after, in milliseconds.</param>
internal readonly record struct PlanChange(int From, int To, PlanChangeReason Reason, double BeforeMs, double AfterMs);

namespace Tandem.Planning;

/// <summary>An algorithm that makes a plan.</summary>
public interface IPolicy
{
    /// <summary>The name users choose it by; one of <see cref="PolicyNames"/>.</summary>
    string Name { get; }

    /// <summary>
    /// Whether the policy plans with the problem's predictor, so that it plans better after its plan was run and observed. A policy
    /// with a predictor of its own makes its plan once, and that plan is taken as it is.
    /// </summary>
    bool LearnsFromRuns => true;

    /// <summary>What the policy must know of 8-bit integer kernels; they are measured only for policies that ask.</summary>
    Int8Measurements Int8Measurements => Int8Measurements.None;

    /// <summary>
    /// Whether the policy runs in 8 bits what <see cref="PlanningProblem.Accuracy"/> allows. What it must know of integer kernels is then
    /// <see cref="Int8Measurements.Slices"/>, where the user allows any error.
    /// </summary>
    bool UsesAccuracyBudget => false;

    /// <summary>Whether the policy must know how long kernels take in half precision; they are measured only for policies that ask.</summary>
    bool NeedsHalfMeasurements => false;

    /// <summary>Makes a plan.</summary>
    /// <exception cref="PlanException">
    /// The policy has no plan for this problem, for instance because a processor it needs does not exist or refuses a kernel.
    /// </exception>
    Plan MakePlan(PlanningProblem problem);
}

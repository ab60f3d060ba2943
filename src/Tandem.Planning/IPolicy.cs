namespace Tandem.Planning;

/// <summary>An algorithm that makes a plan.</summary>
public interface IPolicy
{
    /// <summary>The name users choose it by; one of <see cref="PolicyNames"/>.</summary>
    string Name { get; }

    /// <summary>
    /// Whether planning again after running a plan can change it: true where the policy asks the problem's predictor, which learns
    /// from runs. A policy that plans once, offline, by a predictor of its own says false, and its plan is taken as it is.
    /// </summary>
    bool LearnsFromRuns => true;

    /// <summary>Makes a plan.</summary>
    /// <exception cref="PlanException">
    /// The policy has no plan for this problem, for instance because a processor it needs does not exist or refuses a kernel.
    /// </exception>
    Plan MakePlan(PlanningProblem problem);
}

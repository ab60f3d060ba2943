using Tandem.Planning;

namespace Tandem.Execution;

/// <summary>What of a plan decides how it runs: which processor runs which slice, in which order. Policies may arrive at the same.</summary>
public static class PlanShape
{
    /// <summary>Equal for plans that run alike, whoever made them and whatever is predicted of them.</summary>
    public static string Of(Plan plan) => string.Join(';', plan.Steps.Select(step => $"{step.Processor}:{step.Slice}"));
}

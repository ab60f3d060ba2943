using Tandem.Planning.Policies;

namespace Tandem.Planning;

/// <summary>
/// Plans for throughput: batch split, where each cooperating processor takes whole inferences of its own, or one lane on all cores,
/// whichever is predicted to finish more inferences per second.
/// </summary>
public static class ThroughputPlanner
{
    /// <summary>The lanes of which the most inferences per second are expected.</summary>
    /// <param name="problem">The network and the processors, with the latency of the whole network on each.</param>
    /// <exception cref="PlanException">No processor can run the whole network.</exception>
    public static ThroughputPlan Make(PlanningProblem problem)
    {
        List<ThroughputPlan> candidates = [];
        List<string> reasons = [];
        Plan[] split =
        [
            .. problem.Cooperating.GroupBy(processor => processor.Worker)
                .Select(engines => engines.Select(engine => Plain(engine, problem, reasons)).OfType<Plan>().MinBy(plan => plan.PredictedMs))
                .OfType<Plan>()
                .OrderBy(plan => plan.PredictedMs),
        ];
        if (split.Length > 0)
        {
            candidates.Add(new ThroughputPlan(split));
        }
        if (problem.AllCores is { } allCores && Plain(allCores, problem, reasons) is { } alone)
        {
            candidates.Add(new ThroughputPlan([alone]));
        }
        return candidates.MaxBy(candidate => candidate.PredictedPerSecond)
            ?? throw new PlanException($"no processor can run whole inferences: {string.Join("; ", reasons)}");
    }

    private static Plan? Plain(PlanProcessor processor, PlanningProblem problem, List<string> reasons)
    {
        try
        {
            return new SingleProcessorPolicy(processor.Name).MakePlan(problem);
        }
        catch (PlanException e)
        {
            reasons.Add(e.Message);
            return null;
        }
    }
}

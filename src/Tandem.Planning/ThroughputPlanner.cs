using Tandem.Planning.Policies;

namespace Tandem.Planning;

/// <summary>
/// Plans for throughput: one processor alone; batch split, where each cooperating processor takes whole inferences of its own; and a pipeline, where
/// each runs a part of every inference.
/// </summary>
public static class ThroughputPlanner
{
    /// <summary>
    /// The ways that a network can be run on this device, simple ones before those of more moving parts; which is the best is found out by
    /// running them.
    /// </summary>
    /// <param name="problem">The network and the processors, with the latency of the whole network on each.</param>
    /// <exception cref="PlanException">No processor can run the whole network, and no pipeline either.</exception>
    public static IReadOnlyList<ThroughputPlan> Candidates(PlanningProblem problem)
    {
        List<string> reasons = [];
        Plan[][] ofWorkers =
        [
            .. PlanWorker.Of(problem.Cooperating)
                .Select(worker => worker.Engines.Select(p => Plain(p, problem, reasons)).OfType<Plan>().OrderBy(plan => plan.PredictedMs).ToArray()),
        ];
        List<ThroughputPlan> candidates = [.. ofWorkers.SelectMany(plans => plans).OrderBy(plan => plan.PredictedMs).Select(plan => new ThroughputPlan([plan]))];
        // Of engines that take turns on the same hardware the faster one is taken.
        Plan[] split = [.. ofWorkers.Where(plans => plans.Length > 0).Select(plans => plans[0]).OrderBy(plan => plan.PredictedMs)];
        if (problem.AllCores is { } allCores && Plain(allCores, problem, reasons) is { } onAllCores)
        {
            candidates.Add(new ThroughputPlan([onAllCores]));
        }
        if (split.Length > 1)
        {
            candidates.Add(new ThroughputPlan(split));
        }
        if (problem.FirstEngines.Count > 1 && PipelinePlanner.Make(problem) is { } pipeline)
        {
            candidates.Add(new ThroughputPlan([pipeline]));
        }
        return candidates.Count > 0
            ? candidates
            : throw new PlanException($"no processor can run whole inferences: {string.Join("; ", reasons)}");
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

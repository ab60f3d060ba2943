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
        (string Worker, Plan Plan)[] alone =
        [
            .. problem.Cooperating.Select(p => (p.Worker, Plan: Plain(p, problem, reasons))).Where(way => way.Plan is not null)
                .Select(way => (way.Worker, way.Plan!)).OrderBy(way => way.Item2.PredictedMs),
        ];
        List<ThroughputPlan> candidates = [.. alone.Select(way => new ThroughputPlan([way.Plan]))];
        // Of engines that take turns on the same hardware the faster one is taken.
        Plan[] split = [.. alone.DistinctBy(way => way.Worker).Select(way => way.Plan)];
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

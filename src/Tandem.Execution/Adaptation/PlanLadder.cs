using System.Globalization;
using Tandem.Planning;
using Tandem.Planning.Policies;
using Tandem.Prediction;

namespace Tandem.Execution.Adaptation;

/// <summary>A plan and what people call it.</summary>
/// <param name="Plan">The plan; its predictions are those without any slowdown.</param>
/// <param name="Name">Its policy, with the slowdown that it was made for.</param>
internal sealed record PlanRung(Plan Plan, string Name);

/// <summary>
/// The plans that a session may change between: its own, those that the same policy makes when one processor is slower, and the plain
/// ones. They are data; nothing is compiled.
/// </summary>
internal static class PlanLadder
{
    // A core shared with one busy program is half as fast, with two a third; a throttled processor loses less.
    private static readonly double[] Slowdowns = [2, 1.4, 3];

    /// <summary>The plans, the first one first; nothing else where this network was not profiled.</summary>
    public static IReadOnlyList<PlanRung> Make(Deployment deployment, Plan home, CancellationToken cancellation = default)
    {
        List<PlanRung> rungs = [new(home, home.Policy)];
        try
        {
            if (deployment.FindProblem() is { } problem)
            {
                AddDivided(rungs, problem, home, cancellation);
                rungs.AddRange(deployment.PlainPlans().Select(plan => new PlanRung(plan, plan.Policy)));
            }
        }
        catch (TandemException)
        {
            // What is known of this network is not enough to plan: there is nothing to change to.
            rungs.RemoveRange(1, rungs.Count - 1);
        }
        return rungs;
    }

    private static void AddDivided(List<PlanRung> rungs, PlanningProblem problem, Plan home, CancellationToken cancellation)
    {
        Dictionary<string, string> keys = problem.Cooperating.ToDictionary(p => p.Name, p => p.Key);
        foreach (Step step in home.Steps.Where(step => step.PredictedMs > 0 && keys.ContainsKey(step.Processor)))
        {
            // A plan that was kept from before knows better than estimates how long its steps take.
            problem.Predictor.Observe(keys[step.Processor], step.Slice, new Latency(step.PredictedMs, 0));
        }
        IPolicy policy = PolicyRegistry.All.FirstOrDefault(p => p.Name == home.Policy) ?? PolicyRegistry.Find(PolicyNames.Segments);
        HashSet<string> known = [ShapeOf(home)];
        foreach (double slowdown in Slowdowns)
        {
            foreach (PlanProcessor slow in problem.Cooperating)
            {
                if (cancellation.IsCancellationRequested)
                {
                    return;
                }
                Plan plan = policy.MakePlan(problem.SlowedBy(new Dictionary<string, double> { [slow.Name] = slowdown }));
                if (plan.Processors.Count > 1 && known.Add(ShapeOf(plan)))
                {
                    string name = string.Create(CultureInfo.InvariantCulture, $"{home.Policy} with {slow.Name} {slowdown:0.#} times slower");
                    rungs.Add(new PlanRung(Repredict(plan, problem, keys), name));
                }
            }
        }
    }

    private static Plan Repredict(Plan plan, PlanningProblem problem, Dictionary<string, string> keys) =>
        problem.Assembler.Assemble(plan.Policy, [.. plan.Steps.Select(step => new StepDraft(
            step.Processor, step.Slice, problem.Predictor.Predict(keys[step.Processor], step.Slice).MeanMs))]);

    private static string ShapeOf(Plan plan) => string.Join(';', plan.Steps.Select(step => $"{step.Processor}:{step.Slice}"));
}

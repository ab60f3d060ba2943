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
/// The plans that a session may change between: its own, the plain ones, and those that its policy makes when one processor is slower.
/// These last take time to make, so each is made when it is first asked for. They are data; nothing is compiled. Used by one thread.
/// </summary>
internal sealed class PlanLadder
{
    private readonly PlanningProblem _problem;
    private readonly Plan _home;
    private readonly IPolicy _policy;
    private readonly Dictionary<string, string> _keys;
    private readonly Dictionary<string, string> _workers;
    private readonly HashSet<string> _known;

    private PlanLadder(PlanningProblem problem, Plan home, IEnumerable<Plan> plain)
    {
        (_problem, _home) = (problem, home);
        _policy = PolicyRegistry.All.FirstOrDefault(p => p.Name == home.Policy) ?? PolicyRegistry.Find(PolicyNames.Segments);
        _keys = problem.Cooperating.ToDictionary(p => p.Name, p => p.Key);
        _workers = problem.Cooperating.ToDictionary(p => p.Name, p => p.Worker);
        _known = [PlanShape.Of(home)];
        First = [new(home, home.Policy), .. plain.Select(plan => new PlanRung(plan, plan.Policy))];
        Processors = new(First.SelectMany(rung => rung.Plan.Processors).Concat(_keys.Keys), _workers);
    }

    /// <summary>
    /// The slowdowns that plans are made for: a core shared with one busy program is half as fast, with two a third; a throttled
    /// processor loses less.
    /// </summary>
    public static IReadOnlyList<double> Slowdowns { get; } = [1.4, 2, 3];

    /// <summary>The plans that are known from the start: the session's own, then the plain ones.</summary>
    public IReadOnlyList<PlanRung> First { get; }

    /// <summary>Every processor that a plan may use.</summary>
    public WorkerNames Processors { get; }

    /// <summary>Makes the ladder; null where this network was not profiled, or too little is known of it to plan.</summary>
    public static PlanLadder? Open(Deployment deployment, Plan home)
    {
        try
        {
            return deployment.FindProblem() is { } problem ? new PlanLadder(problem, home, deployment.PlainPlans()) : null;
        }
        catch (TandemException)
        {
            return null;
        }
    }

    /// <summary>The place of the slowdown in <see cref="Slowdowns"/> that is nearest to a measured one, as a ratio.</summary>
    public static int Nearest(double slowdown)
    {
        int nearest = 0;
        for (int i = 1; i < Slowdowns.Count; i++)
        {
            if (slowdown * slowdown > Slowdowns[i - 1] * Slowdowns[i])
            {
                nearest = i;
            }
        }
        return nearest;
    }

    /// <summary>
    /// The plan for when a processor is slower than the others; null where that is a plan known already, or uses one processor only.
    /// </summary>
    /// <exception cref="TandemException">What is known of this network is not enough to plan.</exception>
    public PlanRung? Make(string slow, double slowdown)
    {
        foreach (Step step in _home.Steps.Where(step => step.PredictedMs > 0 && _keys.ContainsKey(step.Processor)))
        {
            // A plan that was kept from before knows better than estimates how long its steps take.
            _problem.Predictor.Observe(_keys[step.Processor], step.Slice, new Latency(step.PredictedMs, 0));
        }
        Plan plan = _policy.MakePlan(_problem.SlowedBy(_workers.Where(p => p.Value == slow).ToDictionary(p => p.Key, _ => slowdown)));
        if (plan.Processors.DistinctBy(name => _workers[name]).Count() < 2 || !_known.Add(PlanShape.Of(plan)))
        {
            return null;
        }
        string name = string.Create(CultureInfo.InvariantCulture, $"{_home.Policy} with {slow} {slowdown:0.#} times slower");
        return new PlanRung(Repredict(plan), name);
    }

    private Plan Repredict(Plan plan) =>
        _problem.Assembler.Assemble(plan.Policy, [.. plan.Steps.Select(step => new StepDraft(
            step.Processor, step.Slice, _problem.Predictor.Predict(_keys[step.Processor], step.Slice).MeanMs))]);
}

using Tandem.Planning;

namespace Tandem.Execution;

/// <summary>Runs finished plans in turns, those that are hard to tell apart most often, and chooses the one to use.</summary>
public sealed class PlanChooser
{
    // Times that the finalists run anew when something disturbed them.
    private const int Attempts = 4;

    private const int WarmUps = 2;
    private const int MostRuns = 300;

    private readonly Func<Plan, PlanExecutor> _start;
    private readonly PlanTuning _tuning;

    /// <summary>Makes a chooser.</summary>
    /// <param name="start">Makes a plan ready to run, its inputs filled.</param>
    /// <param name="tuning">How much to spend.</param>
    public PlanChooser(Func<Plan, PlanExecutor> start, PlanTuning tuning)
    {
        _start = start;
        _tuning = tuning;
    }

    /// <summary>The plan to use; see <see cref="PlanChoice.Between"/>. One plan alone is chosen without a run.</summary>
    public PlanChoice Choose(IReadOnlyList<Plan> plans, CancellationToken cancellation = default)
    {
        if (plans.Count == 1)
        {
            return new(plans[0], IsSteady: true);
        }
        List<PlanExecutor> executors = [];
        try
        {
            foreach (Plan plan in plans)
            {
                executors.Add(_start(plan));
            }
            PlanChoice choice = Measured(plans, executors, cancellation);
            for (int attempt = 1; attempt < Attempts && !choice.IsSteady; attempt++)
            {
                choice = Measured(plans, executors, cancellation);
            }
            return choice;
        }
        finally
        {
            executors.ForEach(e => e.Dispose());
        }
    }

    private PlanChoice Measured(IReadOnlyList<Plan> plans, List<PlanExecutor> executors, CancellationToken cancellation)
    {
        int warmUps = WarmUps;
        (IReadOnlyList<Plan> finalists, IReadOnlyList<double[]> roundsMs) = new PlanRace(plans, RunsOf(plans), (entrants, rounds, take) =>
        {
            InterleavedRuns.Measure(
                [.. entrants.Select(i => executors[i])], warmUps, rounds, i => take(entrants[i], executors[entrants[i]].LastMs), cancellation);
            warmUps = 0;
        }).Run();
        return PlanChoice.Between(finalists, roundsMs, _tuning.LeastGain);
    }

    private int RunsOf(IReadOnlyList<Plan> plans)
    {
        double roundMs = Math.Max(0.01, plans.Sum(plan => plan.PredictedMs));
        return Math.Max(_tuning.FinalRuns, (int)Math.Min(MostRuns, _tuning.FinalTime.TotalMilliseconds / roundMs));
    }
}

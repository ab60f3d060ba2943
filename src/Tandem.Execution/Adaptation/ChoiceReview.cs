namespace Tandem.Execution.Adaptation;

/// <summary>
/// Whether the plan that a session begins with was the right choice: a plan of several processors that over many inferences takes longer
/// than the best plain plan was measured to take was not. Used by one thread at a time; observing allocates nothing.
/// </summary>
internal sealed class ChoiceReview
{
    private const double HalfLifeMs = 10_000;
    private const int LeastObservations = 12;

    private readonly RecentMedian _homeMs = new(HalfLifeMs);
    private readonly double _bestPlainMs = double.PositiveInfinity;
    private readonly int _leastInferences;
    private int _inferences;

    /// <summary>Begins without any inference.</summary>
    /// <param name="plans">The plans, <see cref="PlanAdapter.Home"/> first.</param>
    /// <param name="leastInferences">How many inferences must have run by the first plan.</param>
    public ChoiceReview(IReadOnlyList<PlanForecast> plans, int leastInferences)
    {
        _leastInferences = leastInferences;
        double[] unslowed = new double[plans[PlanAdapter.Home].BusyMs.Length];
        Array.Fill(unslowed, 1);
        for (int plan = 1; plan < plans.Count && IsCooperative(plans[PlanAdapter.Home]); plan++)
        {
            if (!IsCooperative(plans[plan]) && plans[plan].LatencyMs(unslowed) is var ms && ms < _bestPlainMs)
            {
                (BestPlain, _bestPlainMs) = (plan, ms);
            }
        }
    }

    /// <summary>The plain plan that was measured to be the fastest; <see cref="PlanAdapter.None"/> where the first plan is plain itself.</summary>
    public int BestPlain { get; } = PlanAdapter.None;

    /// <summary>Whether the first plan took longer than <see cref="BestPlain"/> should, over many inferences.</summary>
    public bool FindsHomeSlow => BestPlain != PlanAdapter.None
        && _inferences >= _leastInferences
        && _homeMs.Count >= LeastObservations
        && _homeMs.Value > _bestPlainMs;

    /// <summary>Takes in some inferences by the first plan.</summary>
    /// <param name="inferences">How many.</param>
    /// <param name="meanMs">What each took.</param>
    /// <param name="nowMs">When the last ended.</param>
    public void Add(int inferences, double meanMs, double nowMs)
    {
        _inferences += inferences;
        _homeMs.Add(meanMs, nowMs);
    }

    private static bool IsCooperative(PlanForecast plan)
    {
        int used = 0;
        foreach (double ms in plan.BusyMs)
        {
            used += ms > 0 ? 1 : 0;
        }
        return used > 1;
    }
}

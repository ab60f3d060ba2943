namespace Tandem.Execution;

/// <summary>How much running a plan may cost before it is used.</summary>
public sealed record PlanTuning
{
    /// <summary>How often a policy plans anew with what the last plan's trace taught; 0 takes the first plan as it is.</summary>
    public int Rounds { get; init; } = 12;

    /// <summary>Counted runs of each plan in a round.</summary>
    public int RunsPerRound { get; init; } = 7;

    /// <summary>
    /// Counted runs of each finalist when the fastest is chosen, at least. Plans that are clearly slower are given up before, and others run
    /// in their place.
    /// </summary>
    public int FinalRuns { get; init; } = 15;

    /// <summary>Finalists that take microseconds are run more often, for about this time together.</summary>
    public TimeSpan FinalTime { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>No round is begun after this time.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A cooperative plan must be faster than the best plain plan by this factor to be chosen, so that noise alone never makes
    /// anybody slower than without this product.
    /// </summary>
    public double LeastGain { get; init; } = 1.02;
}

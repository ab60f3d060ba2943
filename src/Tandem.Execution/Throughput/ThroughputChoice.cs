using Tandem.Planning;
using Tandem.Prediction;

namespace Tandem.Execution;

/// <summary>Which of several ways to run a stream of inferences to use.</summary>
/// <param name="Plan">The way.</param>
/// <param name="PerSecond">What each way that was run reached, by name: the median of its rounds. Empty where there was no choice.</param>
public sealed record ThroughputChoice(ThroughputPlan Plan, IReadOnlyDictionary<string, double> PerSecond)
{
    /// <summary>
    /// Whether the runs it rests on were alike. A choice made while other programs disturbed the machine holds for now, but is not worth
    /// keeping.
    /// </summary>
    public bool IsSteady { get; init; } = true;

    /// <summary>
    /// Chooses between ways that ran in turns. A later one must beat the best before it in three rounds of four, and by a margin in
    /// the median of the rounds' ratios.
    /// </summary>
    /// <param name="plans">The ways, simple ones before those of more moving parts.</param>
    /// <param name="rounds">For each its inferences per second, one for each round.</param>
    /// <param name="leastGain">The factor by which a later one must win.</param>
    /// <exception cref="ArgumentException">There is no way.</exception>
    public static ThroughputChoice Between(IReadOnlyList<ThroughputPlan> plans, IReadOnlyList<double[]> rounds, double leastGain)
    {
        ArgumentOutOfRangeException.ThrowIfZero(plans.Count, nameof(plans));
        int best = 0;
        for (int later = 1; later < plans.Count; later++)
        {
            double[] gains = [.. rounds[later].Zip(rounds[best], (mine, others) => mine / others)];
            if (LatencyStatistics.Percentile(gains, 0.5) >= leastGain && LatencyStatistics.Percentile(gains, 0.25) > 1)
            {
                best = later;
            }
        }
        double[] medians = [.. rounds.Select(perSecond => LatencyStatistics.Percentile(perSecond, 0.5))];
        int rival = Enumerable.Range(0, plans.Count).OrderByDescending(way => medians[way]).FirstOrDefault(way => way != best, best);
        return new(plans[best], plans.Zip(medians).ToDictionary(way => way.First.Name, way => way.Second))
        {
            IsSteady = PlanChoice.AreSteady(rounds[best], rounds[rival]),
        };
    }
}

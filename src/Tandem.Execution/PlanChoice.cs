using Tandem.Planning;
using Tandem.Prediction;

namespace Tandem.Execution;

/// <summary>Which of several measured plans to use, and whether the measurement can be trusted for longer than today.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="IsSteady">
/// Whether the runs it rests on were alike. A choice made while other programs disturbed the machine holds for now, but is not
/// worth keeping.
/// </param>
public sealed record PlanChoice(Plan Plan, bool IsSteady)
{
    // Runs on a quiet machine vary by a few percent; half of them varying by more than this means that something else was running.
    private const double SteadySpread = 1.15;

    // A plain plan that takes so much longer than when the processor was profiled shares it with another program, however steadily.
    private const double SlowedDown = 1.3;
    private const double HandlingMs = 0.05;

    /// <summary>
    /// Chooses between plans that ran in turns. A plan of several steps must beat the best plan of a single step in three rounds
    /// of four, by a margin in the median of the rounds' ratios, and when that plan is at its better quarter: rounds are compared with
    /// themselves, so that a disturbance that lasts for some rounds decides nothing, and one that hits one plan harder makes it lose nothing.
    /// </summary>
    /// <param name="plans">The plans.</param>
    /// <param name="roundsMs">For each plan its times in milliseconds, one for each round.</param>
    /// <param name="leastGain">The factor by which a plan of several steps must win.</param>
    /// <exception cref="ArgumentException">There is no plan, or no round.</exception>
    public static PlanChoice Between(IReadOnlyList<Plan> plans, IReadOnlyList<double[]> roundsMs, double leastGain)
    {
        ArgumentOutOfRangeException.ThrowIfZero(plans.Count, nameof(plans));
        int plain = Fastest(plans, roundsMs, isPlain: true);
        int divided = Fastest(plans, roundsMs, isPlain: false);
        if (plain < 0 || divided < 0)
        {
            int only = Math.Max(plain, divided);
            return new(plans[only], AreSteady(roundsMs[only]) && IsUndisturbed(plans[only], roundsMs[only]));
        }
        double[] gains = [.. roundsMs[plain].Zip(roundsMs[divided], (one, several) => one / several)];
        bool isWorthwhile = LatencyStatistics.Percentile(gains, 0.5) >= leastGain
            && LatencyStatistics.Percentile(gains, 0.25) > 1
            && LatencyStatistics.Percentile(roundsMs[divided], 0.5) < LatencyStatistics.Percentile(roundsMs[plain], 0.25);
        return new(
            plans[isWorthwhile ? divided : plain],
            AreSteady(roundsMs[plain], roundsMs[divided]) && IsUndisturbed(plans[plain], roundsMs[plain]));
    }

    /// <summary>Whether a plain plan ran about as fast as its profile says, which was measured when the processor was first seen.</summary>
    private static bool IsUndisturbed(Plan plan, double[] roundsMs) => !plan.IsPlain || plan.PredictedMs <= 0
        || LatencyStatistics.Percentile(roundsMs, 0.5) <= (SlowedDown * plan.PredictedMs) + HandlingMs;

    private static int Fastest(IReadOnlyList<Plan> plans, IReadOnlyList<double[]> roundsMs, bool isPlain) => Enumerable
        .Range(0, plans.Count)
        .Where(i => plans[i].IsPlain == isPlain)
        .OrderBy(i => LatencyStatistics.Percentile(roundsMs[i], isPlain ? 0.25 : 0.5))
        .FirstOrDefault(-1);

    /// <summary>Whether repeated measurements, of one thing or of several, were so much alike that nothing else can have been running.</summary>
    internal static bool AreSteady(params double[][] measurements) => measurements.All(
        rounds => LatencyStatistics.Percentile(rounds, 0.75) / LatencyStatistics.Percentile(rounds, 0.25) <= SteadySpread);
}

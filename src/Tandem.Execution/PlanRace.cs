using Tandem.Planning;
using Tandem.Prediction;

namespace Tandem.Execution;

/// <summary>
/// Runs plans in turns, in stages, and gives up those that are clearly slower after each: what they would have taken is spent on
/// more rounds of those that are hard to tell apart, after sequential halving (Karnin et al., ICML 2013). Plans of several steps
/// race each other and the plain ones; plain plans race each other only, because the best of them is what a divided plan is compared with.
/// </summary>
internal sealed class PlanRace
{
    // Rounds before the first plan may be given up: three of four must say so.
    private const int LeastRounds = 4;
    private const int Stages = 3;

    // In three rounds of four a plan was slower than the best by this factor. Plans of one network that are worth a choice are nearer.
    private const double ClearlySlower = 1.06;

    private readonly IReadOnlyList<Plan> _plans;
    private readonly int _rounds;
    private readonly Action<IReadOnlyList<int>, int, Action<int, double>> _measure;
    private readonly List<double>[] _roundsMs;

    /// <summary>Prepares a race.</summary>
    /// <param name="plans">The plans.</param>
    /// <param name="rounds">How many rounds each would run if none were given up; together they never run more than this many times their number.</param>
    /// <param name="measure">Runs the plans with given places for a number of rounds; gives for each run its plan's place and its time in milliseconds.</param>
    public PlanRace(IReadOnlyList<Plan> plans, int rounds, Action<IReadOnlyList<int>, int, Action<int, double>> measure)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        (_plans, _rounds, _measure) = (plans, rounds, measure);
        _roundsMs = [.. plans.Select(_ => new List<double>())];
    }

    /// <summary>Runs the race.</summary>
    /// <returns>The plans that were not given up, in their order, and for each the times of all rounds in milliseconds; all ran in the same rounds.</returns>
    public (IReadOnlyList<Plan> Plans, IReadOnlyList<double[]> RoundsMs) Run()
    {
        int[] left = [.. Enumerable.Range(0, _plans.Count)];
        int budget = _rounds * _plans.Count;
        int done = 0;
        while (left.Length <= budget && (done < _rounds || HasRivals(left)))
        {
            int rounds = Math.Min(Math.Max(LeastRounds, (_rounds + Stages - 1) / Stages), budget / left.Length);
            if (done < _rounds)
            {
                rounds = Math.Min(rounds, _rounds - done);
            }
            _measure(left, rounds, (plan, ms) => _roundsMs[plan].Add(ms));
            budget -= rounds * left.Length;
            done += rounds;
            left = done < LeastRounds ? left : [.. left.Where(plan => !IsClearlySlower(plan, left))];
        }
        return ([.. left.Select(plan => _plans[plan])], [.. left.Select(plan => _roundsMs[plan].ToArray())]);
    }

    /// <summary>More rounds than asked for are only worth their time where divided plans are left to choose from.</summary>
    private bool HasRivals(int[] left) => left.Count(plan => !IsPlain(plan)) > 1;

    private bool IsClearlySlower(int plan, int[] left)
    {
        int best = left.Where(other => !IsPlain(plan) || IsPlain(other)).MinBy(other => LatencyStatistics.Percentile([.. _roundsMs[other]], 0.5));
        double[] ratios = [.. _roundsMs[plan].Zip(_roundsMs[best], (mine, its) => mine / its)];
        return LatencyStatistics.Percentile(ratios, 0.25) > ClearlySlower;
    }

    private bool IsPlain(int plan) => _plans[plan].IsPlain;
}

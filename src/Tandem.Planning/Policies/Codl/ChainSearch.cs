using Tandem.Graphs.Kernels;

namespace Tandem.Planning.Policies.Codl;

/// <summary>
/// CoDL's chain search (Algorithm 1): from each head operator greedily grows chains along its dimension at ratios near its own,
/// keeps the one that gains most over running the same operators one by one, and goes on behind it.
/// </summary>
/// <remarks>
/// Differs from the printed listing in what it must: gain and position begin anew for every ratio, and the gain that is
/// compared between chains counts from the base plan, not from the head at a ratio that may be worse than its own; so the
/// result is never predicted slower than the base plan. Growing ends, as printed, when a further operator costs more inside the
/// chain than outside.
/// </remarks>
internal sealed class ChainSearch(ChainCosts costs, OperatorPlanner operators)
{
    /// <summary>How far the ratio may move from the head's own, in tenths (delta = 0.3).</summary>
    public const int RatioReach = 3;

    // CoDL's repository limits chains likewise.
    private const int LongestChain = 30;

    // Rounding of sums is no gain.
    private const double LeastGainMs = 1e-9;

    /// <summary>Covers the operators of a base plan by chains.</summary>
    /// <param name="plan">The base plan: a chain of one for each kernel, in order.</param>
    public IReadOnlyList<Chain> Cover(IReadOnlyList<Chain> plan)
    {
        List<Chain> chains = [];
        for (int head = 0; head < plan.Count;)
        {
            Chain best = BestFrom(plan, head);
            chains.Add(best);
            head = best.Kernels.End;
        }
        return chains;
    }

    private Chain BestFrom(IReadOnlyList<Chain> plan, int head)
    {
        Chain best = plan[head];
        double bestGain = LeastGainMs;
        int own = (int)Math.Round(plan[head].FirstShare * OperatorPlanner.RatioSteps);
        int last = Math.Min(OperatorPlanner.RatioSteps, own + RatioReach);
        HashSet<double> tried = [];
        for (int step = Math.Max(0, own - RatioReach); step <= last; step++)
        {
            Chain start = plan[head] with { FirstShare = operators.ShareOf(head, plan[head].Axis, step) };
            if (tried.Add(start.FirstShare))
            {
                Grow(plan, head, start, ref best, ref bestGain);
            }
        }
        return best;
    }

    /// <summary>Appends operators while that pays, and keeps the best chain on the way.</summary>
    private void Grow(IReadOnlyList<Chain> plan, int head, Chain chain, ref Chain best, ref double bestGain)
    {
        double apartMs = costs.Of(plan[head]).TotalMs;
        double chainMs = costs.Of(chain).TotalMs;
        int end = Math.Min(costs.StageEnd(head), head + LongestChain);
        for (int next = head + 1; next < end && !double.IsInfinity(chainMs); next++)
        {
            double nextMs = costs.Of(plan[next]).TotalMs;
            chain = chain with { Kernels = new KernelRange(head, next + 1) };
            double longerMs = costs.Of(chain).TotalMs;
            apartMs += nextMs;
            if (apartMs - longerMs > bestGain)
            {
                (best, bestGain) = (chain, apartMs - longerMs);
            }
            if (chainMs + nextMs < longerMs)
            {
                return;
            }
            chainMs = longerMs;
        }
    }
}

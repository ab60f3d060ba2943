using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies;

/// <summary>
/// Cuts the network by depth into segments and runs each on one processor or divided between two, so that the sum of the
/// segments' times is least: dynamic programming over the cut points, exact for the predicted times.
/// </summary>
/// <remarks>
/// With both axes this is the core of Tandem's own planner; with rows only it makes chains as CoDL's chain search does (Jia et
/// al., MobiSys 2022, Algorithm 1), but optimal instead of greedy.
/// </remarks>
public sealed class SegmentPolicy : IPolicy
{
    // Segments longer than this gain nothing more from being one: the halo of a row slice grows with its length.
    private const int LongestDivided = 40;

    // Segments that begin or end where several tensors are alive are only worth looking at when short.
    private const int LongestAcrossBranches = 4;

    private readonly IReadOnlyList<SliceAxis> _axes;

    /// <summary>Makes the policy.</summary>
    /// <param name="name">One of <see cref="PolicyNames"/>.</param>
    /// <param name="axes">The axes along which segments may be divided.</param>
    public SegmentPolicy(string name, IReadOnlyList<SliceAxis> axes)
    {
        Name = name;
        _axes = axes;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Plan MakePlan(PlanningProblem problem)
    {
        int count = problem.Network.Kernels.Count;
        bool[] isCut = CutPoints.Find(problem.Network);
        var costs = new SegmentCosts(problem);
        var bestMs = new double[count + 1];
        var bestLast = new Segment?[count + 1];
        Array.Fill(bestMs, double.PositiveInfinity, 1, count);
        for (int end = 1; end <= count; end++)
        {
            for (int first = end - 1; first >= 0; first--)
            {
                bool isBetweenCuts = isCut[first] && isCut[end];
                if (double.IsInfinity(bestMs[first]) || (!isBetweenCuts && end - first > LongestAcrossBranches))
                {
                    continue;
                }
                Segment? segment = Best(costs, new KernelRange(first, end));
                if (segment is not null && bestMs[first] + segment.CostMs < bestMs[end])
                {
                    bestMs[end] = bestMs[first] + segment.CostMs;
                    bestLast[end] = segment;
                }
            }
        }
        if (bestLast[count] is null)
        {
            throw costs.Refused();
        }
        return problem.Assembler.Assemble(Name, [.. Backtrack(bestLast).SelectMany(segment => segment.Drafts)]);
    }

    private Segment? Best(SegmentCosts costs, KernelRange kernels)
    {
        Segment? best = costs.OnOne(kernels);
        if (kernels.Count > LongestDivided)
        {
            return best;
        }
        foreach (SliceAxis axis in _axes)
        {
            if (costs.Divided(kernels, axis) is { } divided && (best is null || divided.CostMs < best.CostMs))
            {
                best = divided;
            }
        }
        return best;
    }

    private static List<Segment> Backtrack(Segment?[] bestLast)
    {
        List<Segment> segments = [];
        for (int end = bestLast.Length - 1; end > 0;)
        {
            Segment last = bestLast[end]!;
            segments.Add(last);
            end = last.Kernels.First;
        }
        segments.Reverse();
        return segments;
    }
}

using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Branches;

namespace Tandem.Planning.Policies;

/// <summary>
/// Cuts a network by depth into segments so that the sum of what they cost is least: dynamic programming over the cut points,
/// exact for the predicted times. What a segment costs may be time, energy, or both with a price.
/// </summary>
internal sealed class SegmentSearch
{
    // Segments that begin or end where several tensors are alive are only worth looking at when short.
    private const int LongestAcrossBranches = 4;

    private readonly SegmentCosts _costs;
    private readonly IReadOnlyList<SliceAxis> _axes;
    private readonly List<Segment>[] _waysByEnd;
    private readonly int _longestDivided;
    private readonly int _count;

    /// <summary>Finds every way to run every segment; each search only chooses among them.</summary>
    /// <param name="problem">What is planned.</param>
    /// <param name="axes">The axes along which segments may be divided.</param>
    /// <param name="longestDivided">The most kernels that are divided as one.</param>
    /// <param name="distributesBranches">Whether branches may run side by side.</param>
    public SegmentSearch(PlanningProblem problem, IReadOnlyList<SliceAxis> axes, int longestDivided, bool distributesBranches)
    {
        _costs = new SegmentCosts(problem);
        _axes = axes;
        _longestDivided = longestDivided;
        _count = problem.Network.Kernels.Count;
        _waysByEnd = [.. Enumerable.Range(0, _count + 1).Select(_ => new List<Segment>())];
        bool[] isCut = CutPoints.Find(problem.Network);
        for (int end = 1; end <= _count; end++)
        {
            for (int first = end - 1; first >= 0; first--)
            {
                if ((isCut[first] && isCut[end]) || end - first <= LongestAcrossBranches)
                {
                    _waysByEnd[end].AddRange(Ways(new KernelRange(first, end)));
                }
            }
        }
        if (distributesBranches)
        {
            AddBranches(BranchFinder.Find(problem.Network));
        }
    }

    private void AddBranches(IReadOnlyList<BranchRegion> regions)
    {
        foreach (BranchRegion region in regions)
        {
            if (_costs.Branches(region) is { } branches)
            {
                _waysByEnd[branches.Kernels.End].Add(branches);
            }
            AddBranches(region.Inner);
        }
    }

    /// <summary>The segments, in order, for which the sum of time and priced energy is least.</summary>
    /// <param name="perMs">What a millisecond costs.</param>
    /// <param name="perMillijoule">What a millijoule costs.</param>
    /// <exception cref="PlanException">Some kernel can run nowhere.</exception>
    public IReadOnlyList<Segment> Cheapest(double perMs, double perMillijoule)
    {
        var least = new double[_count + 1];
        var last = new Segment?[_count + 1];
        Array.Fill(least, double.PositiveInfinity, 1, _count);
        for (int end = 1; end <= _count; end++)
        {
            foreach (Segment way in _waysByEnd[end])
            {
                double cost = least[way.Kernels.First] + perMs * way.CostMs + perMillijoule * way.EnergyMillijoules;
                if (cost < least[end])
                {
                    (least[end], last[end]) = (cost, way);
                }
            }
        }
        return last[_count] is null ? throw _costs.Refused() : Backtrack(last);
    }

    private IEnumerable<Segment> Ways(KernelRange kernels)
    {
        foreach (Segment alone in _costs.OnEach(kernels))
        {
            yield return alone;
        }
        foreach (SliceAxis axis in kernels.Count > _longestDivided ? [] : _axes)
        {
            if (_costs.Divided(kernels, axis) is { } divided)
            {
                yield return divided;
            }
        }
    }

    private static List<Segment> Backtrack(Segment?[] last)
    {
        List<Segment> segments = [];
        for (int end = last.Length - 1; end > 0;)
        {
            Segment segment = last[end]!;
            segments.Add(segment);
            end = segment.Kernels.First;
        }
        segments.Reverse();
        return segments;
    }
}

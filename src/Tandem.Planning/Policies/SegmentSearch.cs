using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
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
    private readonly AccuracyBudget? _accuracy;
    private readonly SegmentCosts? _quantizedCosts;
    private readonly IReadOnlyList<SliceAxis> _axes;
    private readonly List<Segment>[] _waysByEnd;
    private readonly int _longestDivided;
    private readonly bool _concatenatesInPlace;
    private readonly int _count;

    /// <summary>Finds every way to run every segment; each search only chooses among them.</summary>
    /// <param name="problem">What is planned.</param>
    /// <param name="axes">The axes along which segments may be divided.</param>
    /// <param name="longestDivided">The most kernels that are divided as one.</param>
    /// <param name="distributesBranches">Whether branches may run side by side.</param>
    /// <param name="concatenatesInPlace">Whether concatenations need no step where their operands can be made in their result.</param>
    public SegmentSearch(
        PlanningProblem problem, IReadOnlyList<SliceAxis> axes, int longestDivided, bool distributesBranches, bool concatenatesInPlace)
    {
        _concatenatesInPlace = concatenatesInPlace;
        _costs = new SegmentCosts(problem);
        _accuracy = problem.Cooperating.Any(processor => processor.HasIntegerKernels) ? problem.Accuracy : null;
        _quantizedCosts = _accuracy is null ? null : new SegmentCosts(problem, _accuracy);
        _axes = axes;
        _longestDivided = longestDivided;
        _count = problem.Network.Kernels.Count;
        _waysByEnd = [.. Enumerable.Range(0, _count + 1).Select(_ => new List<Segment>())];
        bool[] isCut = CutPoints.Find(problem.Network);
        for (int end = 1; end <= _count; end++)
        {
            for (int first = end - 1; first >= 0; first--)
            {
                if (problem.Stages?.AreCrossedBy(new KernelRange(first, end)) == true)
                {
                    break;
                }
                if ((isCut[first] && isCut[end]) || end - first <= LongestAcrossBranches)
                {
                    AddWays(new KernelRange(first, end));
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
            if (_quantizedCosts?.Branches(region) is { } quantized)
            {
                AddQuantized(quantized);
            }
            AddBranches(region.Inner);
        }
    }

    /// <summary>The segments, in order, for which the sum of time, priced energy and priced error is least.</summary>
    /// <param name="perMs">What a millisecond costs.</param>
    /// <param name="perMillijoule">What a millijoule costs.</param>
    /// <param name="perErrorSquare">What the square of the outputs' relative error costs.</param>
    /// <param name="mostErrorSquare">The most of it that a single segment may add; 0 for float32 only.</param>
    /// <exception cref="PlanException">Some kernel can run nowhere.</exception>
    public IReadOnlyList<Segment> Cheapest(double perMs, double perMillijoule, double perErrorSquare = 0, double mostErrorSquare = 0)
    {
        var least = new double[_count + 1];
        var last = new Segment?[_count + 1];
        Array.Fill(least, double.PositiveInfinity, 1, _count);
        for (int end = 1; end <= _count; end++)
        {
            foreach (Segment way in _waysByEnd[end])
            {
                double cost = least[way.Kernels.First]
                    + perMs * way.CostMs + perMillijoule * way.EnergyMillijoules + perErrorSquare * way.ErrorSquare;
                if (cost < least[end] && way.ErrorSquare <= mostErrorSquare)
                {
                    (least[end], last[end]) = (cost, way);
                }
            }
        }
        return last[_count] is null ? throw _costs.Refused() : Backtrack(last);
    }

    private void AddWays(KernelRange kernels)
    {
        _waysByEnd[kernels.End].AddRange(Ways(_costs, kernels));
        if (_quantizedCosts is not null && _accuracy!.Admits(kernels))
        {
            foreach (Segment segment in Ways(_quantizedCosts, kernels))
            {
                AddQuantized(segment);
            }
        }
    }

    /// <summary>Keeps a way that has 8-bit steps, with the error that these make, where that alone is not too much.</summary>
    private void AddQuantized(Segment segment)
    {
        double square = segment.Drafts.Sum(draft => _accuracy!.SquareOf(draft.Slice));
        if (segment.Drafts.Any(draft => draft.Slice.Precision != NumericPrecision.Float32) && square <= _accuracy!.AllowedSquare)
        {
            _waysByEnd[segment.Kernels.End].Add(segment with { ErrorSquare = square });
        }
    }

    private IEnumerable<Segment> Ways(SegmentCosts costs, KernelRange kernels)
    {
        if (_concatenatesInPlace && costs.InPlace(kernels) is { } inPlace)
        {
            yield return inPlace;
        }
        foreach (Segment alone in costs.OnEach(kernels))
        {
            yield return alone;
        }
        foreach (SliceAxis axis in kernels.Count > _longestDivided ? [] : _axes)
        {
            if (costs.Divided(kernels, axis) is { } divided)
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

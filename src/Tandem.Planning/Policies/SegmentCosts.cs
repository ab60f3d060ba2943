using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies;

/// <summary>Finds the ways to run a segment: on one processor, or divided between several along an axis.</summary>
internal sealed class SegmentCosts
{
    // Rounds of moving the shares towards balance; each needs a prediction for every processor.
    private const int BalanceRounds = 3;

    private readonly PlanningProblem _problem;
    private readonly Logits _logits;
    private readonly List<IReadOnlyList<PlanProcessor>> _teams;

    public SegmentCosts(PlanningProblem problem)
    {
        _problem = problem;
        _logits = new Logits(problem.Network);
        _teams = Teams(problem.Cooperating);
    }

    /// <summary>The kernels undivided, on each processor that does not refuse them.</summary>
    public IEnumerable<Segment> OnEach(KernelRange kernels)
    {
        foreach (PlanProcessor processor in _problem.Cooperating)
        {
            if (_problem.Predictor.Refusal(processor.Key, kernels) is null)
            {
                SliceSpec spec = SliceSpec.Of(kernels);
                double ms = _problem.Predictor.Predict(processor.Key, spec).MeanMs;
                yield return Make(kernels, [new StepDraft(processor.Name, spec, ms)]);
            }
        }
    }

    /// <summary>The fastest way on one processor; null where every processor refuses.</summary>
    public Segment? OnOne(KernelRange kernels) => OnEach(kernels).MinBy(segment => segment.CostMs);

    /// <summary>What to tell a user when some kernel can run nowhere: the first such kernel, and what each processor says of it.</summary>
    public PlanException Refused()
    {
        foreach (Kernel kernel in _problem.Network.Kernels)
        {
            string?[] reasons = [.. _problem.Cooperating.Select(p => _problem.Predictor.Refusal(p.Key, new(kernel.Index, kernel.Index + 1)))];
            if (reasons.All(reason => reason is not null))
            {
                return new PlanException($"no processor can run kernel '{kernel.Name}' ({kernel.Type}): {string.Join("; ", reasons)}");
            }
        }
        return new PlanException("no processor can run the network, though each kernel can run somewhere");
    }

    /// <summary>The fastest division along an axis, between all processors or some; null where there is none.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="axis">Rows or channels.</param>
    /// <param name="shares">Where given, the first of two processors' shares to choose from; else any share.</param>
    public Segment? Divided(KernelRange kernels, SliceAxis axis, IReadOnlyList<double>? shares = null)
    {
        if (_teams.Count == 0
            || (axis == SliceAxis.Channels && _logits.AreMadeBy(kernels))
            || !CanCut(kernels, axis, new Share(0, 0.5))
            || Extent(kernels, axis) is not (>= 2 and var extent))
        {
            return null;
        }
        return shares is null
            ? Fastest(Willing(kernels, axis).Select(team => Balanced(team, kernels, axis, extent)))
            : Fastest(Willing(kernels, axis).Where(team => team.Count == 2)
                .SelectMany(team => shares.Select(share => At(team, kernels, axis, [share]))));
    }

    private static Segment? Fastest(IEnumerable<Segment?> segments) => segments.MinBy(s => s?.CostMs ?? double.MaxValue);

    /// <summary>Every choice of two or more processors, each in the device's order.</summary>
    private static List<IReadOnlyList<PlanProcessor>> Teams(IReadOnlyList<PlanProcessor> processors) =>
    [
        .. Enumerable.Range(0, 1 << processors.Count)
            .Select(members => processors.Where((_, i) => (members >> i & 1) == 1).ToArray())
            .Where(team => team.Length > 1),
    ];

    private IEnumerable<IReadOnlyList<PlanProcessor>> Willing(KernelRange kernels, SliceAxis axis)
    {
        HashSet<PlanProcessor> unwilling =
            [.. _problem.Cooperating.Where(p => _problem.Predictor.Refusal(p.Key, kernels, axis) is not null)];
        return _teams.Where(team => !team.Any(unwilling.Contains));
    }

    private Segment? Balanced(IReadOnlyList<PlanProcessor> team, KernelRange kernels, SliceAxis axis, long extent)
    {
        Segment? best = null;
        double[] sizes = [.. team.Select(_ => 1.0 / team.Count)];
        List<double[]> tried = [];
        for (int round = 0; round < BalanceRounds; round++)
        {
            if (Snap(sizes, axis, extent) is not { } cuts
                || tried.Any(cuts.SequenceEqual)
                || At(team, kernels, axis, cuts) is not { } segment)
            {
                break;
            }
            tried.Add(cuts);
            best = best is null || segment.CostMs < best.CostMs ? segment : best;
            // Each side's time is taken as proportional to its share; the halo makes that an approximation, hence the rounds.
            double[] rates = [.. segment.Drafts.Select(draft => draft.Slice.Share.Size / draft.PredictedMs)];
            double sum = rates.Sum();
            sizes = [.. rates.Select(rate => rate / sum)];
        }
        return best;
    }

    /// <summary>The division that ends each processor's share but the last's at a cut; null where the slicer cannot make it.</summary>
    private Segment? At(IReadOnlyList<PlanProcessor> team, KernelRange kernels, SliceAxis axis, double[] cuts)
    {
        var drafts = new StepDraft[team.Count];
        for (int p = 0; p < team.Count; p++)
        {
            var share = new Share(p == 0 ? 0 : cuts[p - 1], p == cuts.Length ? 1 : cuts[p]);
            if (!CanCut(kernels, axis, share))
            {
                return null;
            }
            var spec = new SliceSpec(kernels, axis, share);
            drafts[p] = new StepDraft(team[p].Name, spec, _problem.Predictor.Predict(team[p].Key, spec).MeanMs);
        }
        return Make(kernels, drafts);
    }

    private Segment Make(KernelRange kernels, IReadOnlyList<StepDraft> drafts)
    {
        double ms = drafts.Max(draft => draft.PredictedMs) + _problem.HandOverMs;
        return new Segment(kernels, drafts, ms, _problem.EnergyMillijoules(ms, drafts));
    }

    private bool CanCut(KernelRange kernels, SliceAxis axis, Share share) =>
        Slicer.CanCut(_problem.Network, kernels.First, kernels.End, axis, share, out _);

    /// <summary>The number of rows or channels of the output with the fewest, of those that leave the segment.</summary>
    private long Extent(KernelRange kernels, SliceAxis axis)
    {
        Slice whole = _problem.Predictor.Cut(SliceSpec.Of(kernels));
        long extent = long.MaxValue;
        foreach (SliceEnd output in whole.Outputs)
        {
            Shape shape = output.Tensor.Shape;
            int place = axis == SliceAxis.Rows ? 2 : 1;
            extent = Math.Min(extent, shape.Rank > place ? shape[place] : 1);
        }
        return extent;
    }

    /// <summary>
    /// The nearest cuts that end on whole rows, or on multiples of the channels that the engines compute at a time (16 floats
    /// fill a vector register of AVX-512, and ONNX Runtime blocks channels by that); null where there are fewer than processors.
    /// </summary>
    private static double[]? Snap(double[] sizes, SliceAxis axis, long extent)
    {
        long grain = axis == SliceAxis.Rows || extent < 16 ? 1 : extent < 64 ? 8 : 16;
        long blocks = Math.Max(2, extent / grain);
        if (blocks < sizes.Length)
        {
            return null;
        }
        var cuts = new double[sizes.Length - 1];
        double place = 0;
        long before = 0;
        for (int i = 0; i < cuts.Length; i++)
        {
            place += sizes[i];
            before = (long)Math.Clamp(Math.Round(place * blocks), before + 1, blocks - (cuts.Length - i));
            cuts[i] = (double)before / blocks;
        }
        return cuts;
    }
}

using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies;

/// <summary>Finds the best way to run a segment: on one processor, or divided between two along an axis.</summary>
internal sealed class SegmentCosts
{
    // Rounds of moving the share towards balance; each needs two predictions.
    private const int BalanceRounds = 3;

    private readonly PlanningProblem _problem;
    private readonly Logits _logits;

    public SegmentCosts(PlanningProblem problem)
    {
        _problem = problem;
        _logits = new Logits(problem.Network);
    }

    /// <summary>The fastest way on one processor; null where every processor refuses.</summary>
    public Segment? OnOne(KernelRange kernels)
    {
        Segment? best = null;
        foreach (PlanProcessor processor in _problem.Cooperating)
        {
            if (_problem.Predictor.Refusal(processor.Key, kernels) is null)
            {
                SliceSpec spec = SliceSpec.Of(kernels);
                double cost = _problem.Predictor.Predict(processor.Key, spec).MeanMs;
                if (best is null || cost + _problem.HandOverMs < best.CostMs)
                {
                    best = new Segment(kernels, [new StepDraft(processor.Name, spec, cost)], cost + _problem.HandOverMs);
                }
            }
        }
        return best;
    }

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

    /// <summary>The fastest division between the first two processors along an axis; null where there is none.</summary>
    public Segment? Divided(KernelRange kernels, SliceAxis axis) =>
        MayDivide(kernels, axis) ? Balanced(kernels, axis) : null;

    /// <summary>
    /// Whether the first two processors may divide kernels along an axis: both take such slices, there is something to divide, and no
    /// Softmax compares what would be made on different engines.
    /// </summary>
    public bool MayDivide(KernelRange kernels, SliceAxis axis) => _problem.Cooperating.Count >= 2
        && _problem.Cooperating.Take(2).All(p => _problem.Predictor.Refusal(p.Key, kernels, axis) is null)
        && (axis != SliceAxis.Channels || !_logits.AreMadeBy(kernels))
        && CanCut(kernels, axis, new Share(0, 0.5))
        && Extent(kernels, axis) >= 2;

    /// <summary>The slices of the first two processors at a share of the first; null where the kernels cannot be cut there.</summary>
    public SliceSpec[]? DividedAt(KernelRange kernels, SliceAxis axis, double share) =>
        CanCut(kernels, axis, new Share(0, share)) && CanCut(kernels, axis, new Share(share, 1))
            ? [new(kernels, axis, new Share(0, share)), new(kernels, axis, new Share(share, 1))]
            : null;

    private Segment? Balanced(KernelRange kernels, SliceAxis axis)
    {
        long extent = Extent(kernels, axis);
        Segment? best = null;
        double share = 0.5;
        HashSet<double> tried = [];
        for (int round = 0; round < BalanceRounds; round++)
        {
            share = Snap(share, axis, extent);
            if (!tried.Add(share) || At(kernels, axis, share) is not { } segment)
            {
                break;
            }
            if (best is null || segment.CostMs < best.CostMs)
            {
                best = segment;
            }
            // Each side's time is taken as proportional to its share; the halo makes that an approximation, hence the rounds.
            double firstRate = segment.Drafts[0].PredictedMs / share;
            double secondRate = segment.Drafts[1].PredictedMs / (1 - share);
            share = secondRate / (firstRate + secondRate);
        }
        return best;
    }

    private Segment? At(KernelRange kernels, SliceAxis axis, double share)
    {
        if (DividedAt(kernels, axis, share) is not { } specs)
        {
            return null;
        }
        var drafts = new StepDraft[2];
        for (int p = 0; p < 2; p++)
        {
            PlanProcessor processor = _problem.Cooperating[p];
            drafts[p] = new StepDraft(processor.Name, specs[p], _problem.Predictor.Predict(processor.Key, specs[p]).MeanMs);
        }
        return new Segment(kernels, drafts, Math.Max(drafts[0].PredictedMs, drafts[1].PredictedMs) + _problem.HandOverMs);
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
    /// The nearest share that ends on a whole row, or on a multiple of the channels that the engines compute at a time (16
    /// floats fill a vector register of AVX-512, and ONNX Runtime blocks channels by that).
    /// </summary>
    private static double Snap(double share, SliceAxis axis, long extent)
    {
        long grain = axis == SliceAxis.Rows || extent < 16 ? 1 : extent < 64 ? 8 : 16;
        long blocks = Math.Max(2, extent / grain);
        return Math.Clamp(Math.Round(share * blocks), 1, blocks - 1) / blocks;
    }
}

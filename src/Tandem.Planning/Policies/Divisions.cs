using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies;

/// <summary>Which kernels may be divided between which processors, and where.</summary>
internal sealed class Divisions
{
    private readonly PlanningProblem _problem;
    private readonly IReadOnlyList<PlanProcessor> _processors;
    private readonly Logits _logits;
    private readonly List<PlanProcessor[]> _teams;

    /// <summary>Finds the teams.</summary>
    /// <param name="problem">What is planned.</param>
    /// <param name="processors">The processors between which kernels may be divided.</param>
    public Divisions(PlanningProblem problem, IReadOnlyList<PlanProcessor> processors)
    {
        _problem = problem;
        _processors = processors;
        _logits = new Logits(problem.Network);
        _teams = Teams(processors);
    }

    /// <summary>
    /// The processors that may divide kernels along an axis, every choice of two or more with workers of their own in the device's order:
    /// each takes such slices, there is something to divide, and no Softmax compares what would be made on different engines.
    /// </summary>
    public IEnumerable<IReadOnlyList<PlanProcessor>> TeamsFor(KernelRange kernels, SliceAxis axis)
    {
        if (_teams.Count == 0
            || (axis != SliceAxis.Rows && _logits.AreMadeBy(kernels))
            || !CanCut(kernels, axis, new Share(0, 0.5))
            || Extent(kernels, axis) < 2)
        {
            return [];
        }
        HashSet<PlanProcessor> unwilling =
            [.. _processors.Where(p => _problem.Predictor.Refusal(p.Key, kernels, axis) is not null)];
        return _teams.Where(team => !team.Any(unwilling.Contains));
    }

    /// <summary>Whether one Softmax compares what the kernels make, so that they are left to one engine.</summary>
    public bool MakesLogits(KernelRange kernels) => _logits.AreMadeBy(kernels);

    /// <summary>The slices that cuts make, one more than cuts; null where the slicer cannot make one of them.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="axis">Rows or channels.</param>
    /// <param name="cuts">Where shares end, each greater than the one before, between 0 and 1.</param>
    public SliceSpec[]? At(KernelRange kernels, SliceAxis axis, params ReadOnlySpan<double> cuts) =>
        At(new SliceSpec(kernels, axis, Share.All), cuts);

    /// <summary>The slices that cuts make of a slice, one more than cuts; null where the slicer cannot make one of them.</summary>
    /// <param name="whole">All that is divided: kernels, or a reduction of partial sums.</param>
    /// <param name="cuts">Where shares end, each greater than the one before, between 0 and 1.</param>
    public SliceSpec[]? At(SliceSpec whole, params ReadOnlySpan<double> cuts)
    {
        var specs = new SliceSpec[cuts.Length + 1];
        for (int i = 0; i < specs.Length; i++)
        {
            var share = new Share(i == 0 ? 0 : cuts[i - 1], i == cuts.Length ? 1 : cuts[i]);
            specs[i] = whole with { Share = share, Part = whole.Axis == SliceAxis.InputChannels ? i : 0 };
            if (_problem.Predictor.Outline(specs[i]) is null)
            {
                return null;
            }
        }
        return specs;
    }

    /// <summary>
    /// The cuts nearest to some sizes that end on whole rows, or on multiples of the channels that the engines compute at a time (16
    /// floats fill a vector register of AVX-512, and ONNX Runtime blocks channels by that); null where there are fewer than sizes.
    /// </summary>
    public double[]? Snap(KernelRange kernels, SliceAxis axis, double[] sizes)
    {
        long extent = Extent(kernels, axis);
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

    /// <summary>What to tell a user when some kernel can run nowhere: the first such kernel, and what each processor says of it.</summary>
    public PlanException Refused()
    {
        foreach (Kernel kernel in _problem.Network.Kernels)
        {
            string?[] reasons = [.. _processors.Select(p => _problem.Predictor.Refusal(p.Key, new(kernel.Index, kernel.Index + 1)))];
            if (reasons.All(reason => reason is not null))
            {
                return new PlanException($"no processor can run kernel '{kernel.Name}' ({kernel.Type}): {string.Join("; ", reasons)}");
            }
        }
        return new PlanException("no processor can run the network, though each kernel can run somewhere");
    }

    private static List<PlanProcessor[]> Teams(IReadOnlyList<PlanProcessor> processors) =>
    [
        .. Enumerable.Range(0, 1 << processors.Count)
            .Select(members => processors.Where((_, i) => (members >> i & 1) == 1).ToArray())
            .Where(team => team.Length > 1 && PlanWorker.AreSideBySide(team)),
    ];

    private bool CanCut(KernelRange kernels, SliceAxis axis, Share share) =>
        _problem.Predictor.Outline(new SliceSpec(kernels, axis, share)) is not null;

    /// <summary>
    /// The number of rows or channels of the output with the fewest, of those that leave the kernels; or of input channels of the
    /// last product.
    /// </summary>
    private long Extent(KernelRange kernels, SliceAxis axis)
    {
        if (axis == SliceAxis.InputChannels)
        {
            string? input = Slicer.SplitAtProduct(_problem.Network, kernels, out _)?.Input;
            return input is null ? 0 : _problem.Network.Graph.Tensors[input].Shape[1];
        }
        SliceOutline whole = _problem.Predictor.Outline(SliceSpec.Of(kernels))!;
        long extent = long.MaxValue;
        foreach (SliceEnd output in whole.Outputs)
        {
            Shape shape = output.Tensor.Shape;
            int place = axis == SliceAxis.Rows ? 2 : 1;
            extent = Math.Min(extent, shape.Rank > place ? shape[place] : 1);
        }
        return extent;
    }
}

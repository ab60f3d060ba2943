using Tandem.Graphs;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning;

/// <summary>Which steps have written which parts of a network's tensors, as the steps of a plan are gone through in order.</summary>
internal sealed class WrittenRanges
{
    private readonly Graph _graph;
    private readonly Dictionary<string, List<(int Step, TensorRange Range)>> _writers = [];
    private readonly Dictionary<string, Share> _sharesOfPartials = [];
    private readonly HashSet<string> _joinedInPlace = [];

    /// <summary>Nothing is written yet.</summary>
    public WrittenRanges(Graph graph) => _graph = graph;

    /// <summary>Takes in the next step.</summary>
    /// <param name="step">Its id.</param>
    /// <param name="spec">What it runs.</param>
    /// <param name="slice">The same, cut out of the network.</param>
    /// <returns>The steps that write what it reads, lowest first.</returns>
    /// <exception cref="PlanException">
    /// It reads what no step before it writes, writes what another has written, or adds partial sums that are not the whole.
    /// </exception>
    public int[] Add(int step, SliceSpec spec, Slice slice)
    {
        int[] dependsOn = [.. slice.Inputs.SelectMany(WritersOf).Distinct().Order()];
        if (spec.Summands > 0)
        {
            RequireWholeSum(step, slice);
        }
        foreach (SliceEnd output in slice.Outputs)
        {
            Write(step, output);
            if (spec.Axis == SliceAxis.InputChannels)
            {
                _sharesOfPartials[output.Tensor.Name] = spec.Share;
            }
        }
        return dependsOn;
    }

    /// <summary>The steps that have written parts of a tensor, lowest first; none where no step has.</summary>
    public IEnumerable<int> MakersOf(string tensor) =>
        _writers.TryGetValue(tensor, out var pieces) ? pieces.Select(piece => piece.Step).Distinct().Order() : [];

    /// <summary>Checks that every output of the network has been written, and all of it.</summary>
    /// <exception cref="PlanException">One has not.</exception>
    public void RequireOutputs()
    {
        foreach (Tensor output in _graph.Outputs.Where(o => _graph.Producer(o.Name) is not null))
        {
            if (!_writers.TryGetValue(output.Name, out var pieces))
            {
                throw new PlanException($"the plan has no step that makes the output '{output.Name}'");
            }
            RequireCovered(new SliceEnd(output, TensorRange.Whole), pieces);
        }
    }

    private IEnumerable<int> WritersOf(SliceEnd input)
    {
        if (_graph.Producer(input.Tensor.Name) is null && !IsPartial(input.Tensor))
        {
            return [];
        }
        if (!_writers.TryGetValue(input.Tensor.Name, out var pieces))
        {
            Concatenation inPlace = Concatenation.Of(_graph, input.Tensor.Name)
                ?? throw new PlanException($"the plan reads tensor '{input.Tensor.Name}' before a step makes it");
            _joinedInPlace.Add(input.Tensor.Name);
            return inPlace.PartsOf(input.Range).SelectMany(WritersOf);
        }
        RequireCovered(input, pieces);
        return pieces.Where(piece => Overlap(piece.Range, input.Range)).Select(piece => piece.Step);
    }

    /// <summary>Partial sums are no tensors of the network.</summary>
    private bool IsPartial(Tensor tensor) => !_graph.Tensors.ContainsKey(tensor.Name);

    /// <summary>Shares that meet cover every input channel once.</summary>
    private void RequireWholeSum(int step, Slice slice)
    {
        double end = 0;
        foreach (string partial in slice.Inputs.Where(i => IsPartial(i.Tensor)).Select(i => i.Tensor.Name).Distinct())
        {
            Share share = _sharesOfPartials[partial];
            end = share.Begin == end ? share.End : double.NaN;
        }
        if (end != 1)
        {
            throw new PlanException($"step {step} of the plan adds partial sums that do not cover every input channel once");
        }
    }

    private void Write(int step, SliceEnd output)
    {
        if (_joinedInPlace.Contains(output.Tensor.Name))
        {
            throw new PlanException($"step {step} of the plan makes tensor '{output.Tensor.Name}', which was read before");
        }
        if (!_writers.TryGetValue(output.Tensor.Name, out var pieces))
        {
            _writers[output.Tensor.Name] = pieces = [];
        }
        if (pieces.Any(piece => Overlap(piece.Range, output.Range)))
        {
            throw new PlanException($"step {step} of the plan makes a part of tensor '{output.Tensor.Name}' that another step makes too");
        }
        pieces.Add((step, output.Range));
    }

    /// <summary>Pieces do not overlap, so it is enough that there are as many elements of them as are needed.</summary>
    private static void RequireCovered(SliceEnd needed, List<(int Step, TensorRange Range)> pieces)
    {
        Shape shape = needed.Tensor.Shape;
        bool isAlong = !needed.Range.IsWhole && pieces[0].Range.Axis == needed.Range.Axis;
        long missing = isAlong
            ? needed.Range.To - needed.Range.From - pieces.Sum(piece => Common(piece.Range, needed.Range))
            : shape.ElementCount - pieces.Sum(piece => piece.Range.Of(shape).ElementCount);
        if (missing > 0)
        {
            throw new PlanException($"no step of the plan makes all of tensor '{needed.Tensor.Name}' before it is read");
        }
    }

    private static long Common(TensorRange a, TensorRange b) => Math.Max(0, Math.Min(a.To, b.To) - Math.Max(a.From, b.From));

    private static bool Overlap(TensorRange a, TensorRange b) =>
        a.Axis != b.Axis || a.IsWhole || (a.From < b.To && b.From < a.To);
}

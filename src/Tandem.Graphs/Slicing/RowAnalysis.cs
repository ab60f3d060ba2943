using Tandem.Graphs.Slicing.Rules;

namespace Tandem.Graphs.Slicing;

/// <summary>
/// Finds which rows of every tensor of a region a share needs: from the outputs' rows backwards, each operator telling
/// what it reads, several readers of one tensor joined to the hull of what they need.
/// </summary>
internal sealed class RowAnalysis
{
    private readonly Region _region;
    private readonly Dictionary<string, (long From, long To)> _needs = [];
    private readonly List<(Operator, OperatorCut)> _cuts = [];

    private RowAnalysis(Region region) => _region = region;

    /// <summary>Cuts a region by rows; null, with the reason, where that is impossible.</summary>
    public static RegionCut? Run(Region region, Share share, out string reason)
    {
        var analysis = new RowAnalysis(region);
        List<SliceEnd> outputs = [];
        foreach (Tensor output in region.Outputs)
        {
            if (output.Shape.Rank < 4)
            {
                reason = $"'{output.Name}' {output.Shape} has no rows";
                return null;
            }
            int axis = Ranges.RowAxis(output.Shape);
            (long from, long to) = share.Indices(output.Shape[axis]);
            if (from >= to)
            {
                reason = $"the share holds none of the {output.Shape[axis]} rows of '{output.Name}'";
                return null;
            }
            analysis.Need(output.Name, (from, to));
            outputs.Add(new SliceEnd(output, Ranges.Along(output.Shape, axis, from, to)));
        }
        foreach (Operator op in region.Operators.Reverse())
        {
            if (analysis.Visit(op) is { } refusal)
            {
                reason = $"{op}: {refusal}";
                return null;
            }
        }
        analysis._cuts.Reverse();
        reason = "";
        return new RegionCut(analysis._cuts, outputs);
    }

    private string? Visit(Operator op)
    {
        List<string> needed = [.. op.Outputs.Where(_needs.ContainsKey)];
        if (needed.Count == 0)
        {
            return null;
        }
        if (needed.Any(o => _region.Graph.Tensors[o].Shape.Rank < 4))
        {
            return "its output has no rows";
        }
        (long from, long to) = needed.Select(o => _needs[o]).Aggregate(Ranges.Hull);
        OperatorCut cut = SlicingRules.For(op).Rows(new OperatorSite(_region.Graph, op), from, to);
        if (cut.Refusal is not null)
        {
            return cut.Refusal;
        }
        for (int i = 0; i < op.Inputs.Count; i++)
        {
            if (_region.Makes(op.Inputs[i]))
            {
                Shape shape = _region.Graph.Tensors[op.Inputs[i]].Shape;
                if (shape.Rank < 4)
                {
                    return $"'{op.Inputs[i]}' {shape} has no rows";
                }
                Need(op.Inputs[i], Ranges.Bounds(cut.Inputs[i], shape, Ranges.RowAxis(shape)));
            }
        }
        _cuts.Add((op, cut));
        return null;
    }

    private void Need(string tensor, (long From, long To) rows) =>
        _needs[tensor] = _needs.TryGetValue(tensor, out var known) ? Ranges.Hull(known, rows) : rows;
}

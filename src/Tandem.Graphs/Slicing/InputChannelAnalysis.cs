using Tandem.Graphs.Slicing.Rules;

namespace Tandem.Graphs.Slicing;

/// <summary>
/// Cuts a region by the input channels of its last product. What comes before the product is cut by output channels, so a
/// convolution followed by another shares nothing in between; the product then makes a partial sum of its whole output.
/// </summary>
internal static class InputChannelAnalysis
{
    /// <summary>The operators that make one partial sum, and how they are cut; null, with the reason, where that is impossible.</summary>
    /// <param name="region">The region.</param>
    /// <param name="share">The share of the channels that the product reads.</param>
    /// <param name="part">The place of the partial sum among the others.</param>
    /// <param name="reason">Why it is impossible.</param>
    public static (Region Region, RegionCut Cut)? Run(Region region, Share share, int part, out string reason)
    {
        if (ProductSplit.Find(region, out reason) is not { } split)
        {
            return null;
        }
        RegionCut? before = null;
        if (split.Before.Count > 0
            && (before = ChannelAnalysis.Run(new Region(region.Graph, split.Before), share, out reason)) is null)
        {
            return null;
        }
        Shape input = region.Graph.Tensors[split.Input].Shape;
        (long from, long to) = before is null
            ? share.Indices(input[1])
            : Ranges.Bounds(before.Outputs.Single(o => o.Tensor.Name == split.Input).Range, input, 1);
        if (from >= to)
        {
            reason = $"the share holds none of the {input[1]} channels of '{split.Input}'";
            return null;
        }
        OperatorCut cut = SlicingRules.For(split.Product).PartialSum(new OperatorSite(region.Graph, split.Product), from, to);
        Operator product = cut.Operator.With(outputs: [split.PartialName(part)]);
        return (
            new Region(region.Graph, [.. split.Before, product]),
            new RegionCut([.. before?.Operators ?? [], (product, cut with { Operator = product })], [new SliceEnd(Partial(region, split, part), TensorRange.Whole)]));
    }

    /// <summary>
    /// The region that adds the partial sums and runs what comes after the product, in a small graph of its own: there the
    /// partial sums are inputs, so that it is cut as any other region. Null, with the reason, where there are none.
    /// </summary>
    public static Region? Reduction(Region region, int summands, out string reason)
    {
        if (ProductSplit.Find(region, out reason) is not { } split)
        {
            return null;
        }
        Graph whole = region.Graph;
        Tensor[] partials = [.. Enumerable.Range(0, summands).Select(part => Partial(region, split, part))];
        var sum = new Operator($"{split.Product.Name}:sum", "Sum", [.. partials.Select(p => p.Name)], [split.Product.Outputs[0]]);
        HashSet<string> made = [.. split.After.Append(sum).SelectMany(op => op.Outputs)];
        string[] read = [.. split.After.SelectMany(op => op.Inputs).Where(i => i.Length > 0 && !made.Contains(i)).Distinct()];
        var graph = new Graph(
            whole.Name,
            whole.Opsets,
            [.. partials, .. read.Where(i => !whole.Constants.ContainsKey(i)).Select(i => whole.Tensors[i])],
            [.. region.Outputs.Select(o => o.Name)],
            [sum, .. split.After],
            read.Where(whole.Constants.ContainsKey).Select(i => whole.Constants[i]));
        return new Region(graph, graph.Operators);
    }

    private static Tensor Partial(Region region, ProductSplit split, int part) =>
        region.Graph.Tensors[split.Product.Outputs[0]] with { Name = split.PartialName(part) };
}

using Tandem.Graphs.Slicing.Rules;

namespace Tandem.Graphs.Slicing;

/// <summary>
/// Kernels seen as what comes before their last product (convolution or matrix product), the product, and what comes after:
/// how they are divided by input channels.
/// </summary>
/// <param name="Before">What makes the product's input, channel by channel; empty where that comes from outside.</param>
/// <param name="Product">The sum over input channels that is divided.</param>
/// <param name="After">What needs the product's whole sum.</param>
public sealed record ProductSplit(IReadOnlyList<Operator> Before, Operator Product, IReadOnlyList<Operator> After)
{
    /// <summary>The tensor whose channels the product sums over.</summary>
    public string Input => Product.Inputs[0];

    /// <summary>Finds the parts of a region; null, with the reason, where its last product cannot be divided so.</summary>
    internal static ProductSplit? Find(Region region, out string reason)
    {
        Operator? product = region.Operators.LastOrDefault(op => SlicingRules.For(op).IsProduct);
        if (product is null)
        {
            reason = "it holds no product that sums over input channels";
            return null;
        }
        HashSet<string> dependent = [.. product.Outputs];
        List<Operator> before = [];
        List<Operator> after = [];
        foreach (Operator op in region.Operators.Where(op => op != product))
        {
            bool isAfter = op.Inputs.Any(dependent.Contains);
            (isAfter ? after : before).Add(op);
            if (isAfter)
            {
                dependent.UnionWith(op.Outputs);
            }
        }
        var split = new ProductSplit(before, product, after);
        reason = split.Refusal(region.Graph) is { } refusal ? $"{product}: {refusal}" : "";
        return reason.Length == 0 ? split : null;
    }

    /// <summary>The name of a partial sum of the product.</summary>
    internal string PartialName(int part) => FormattableString.Invariant($"{Product.Outputs[0]}@sum{part}");

    private string? Refusal(Graph graph)
    {
        HashSet<Operator> own = [.. Before];
        foreach (string made in Before.SelectMany(op => op.Outputs))
        {
            bool isResult = graph.Outputs.Any(o => o.Name == made);
            bool isReadElsewhere = graph.Consumers(made).Any(c => !own.Contains(c) && (c != Product || made != Input));
            if (isResult || isReadElsewhere)
            {
                return $"'{made}', which is cut before it, is read by others too";
            }
        }
        var site = new OperatorSite(graph, Product);
        return site.OutputShape.Rank < 2 || site.InputShape(0).Rank < 2
            ? "it has no channels"
            : SlicingRules.For(Product).PartialSum(site, 0, site.InputShape(0)[1]).Refusal;
    }
}

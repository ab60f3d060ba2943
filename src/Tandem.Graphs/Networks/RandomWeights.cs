namespace Tandem.Graphs.Networks;

/// <summary>
/// Gives a network other weights: seeded, of a scale at which activations neither explode nor vanish.
/// </summary>
public static class RandomWeights
{
    /// <summary>
    /// Replaces every float constant by what suits the operator that reads it: filters and matrices He-scaled, biases
    /// and means around zero, scales around one, variances positive. Numbers that are no weights (limits, sizes, single
    /// factors of a formula) stay.
    /// </summary>
    /// <param name="graph">The network; constants that operators compute must have been folded.</param>
    /// <param name="seed">Equal seeds give equal weights on every machine.</param>
    public static Graph Replace(Graph graph, int seed)
    {
        var roles = new WeightRoles(graph.Operators);
        return new Graph(
            graph.Name,
            graph.Opsets,
            graph.Inputs,
            [.. graph.Outputs.Select(o => o.Name)],
            graph.Operators,
            graph.Constants.Values.Select(c => Redraw(c, roles, seed)));
    }

    private static Constant Redraw(Constant constant, WeightRoles roles, int seed) =>
        constant.Tensor.Type is ElementType.Float32 or ElementType.Float16
            && roles.DistributionOf(constant.Tensor) is { } distribution
            ? distribution.Draw(constant.Tensor, seed)
            : constant;
}

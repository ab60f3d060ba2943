namespace Tandem.Graphs;

/// <summary>A network for several images at once, made of one for a single image.</summary>
public static class BatchedGraph
{
    /// <summary>The same network with another first dimension of all its inputs and outputs.</summary>
    /// <param name="graph">The network; what it makes of an image must not depend on the others of its batch.</param>
    /// <param name="batch">Images at once, at least 1.</param>
    /// <exception cref="InvalidModelException">An input has no batch dimension of 1, or the network does not carry the batch to every output.</exception>
    public static Graph Of(Graph graph, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if (batch == 1)
        {
            return graph;
        }
        if (graph.Inputs.FirstOrDefault(input => input.Shape.Rank == 0 || input.Shape[0] != 1) is { } other)
        {
            throw new InvalidModelException($"input '{other.Name}' has no batch dimension of 1, so several images cannot be run at once");
        }
        List<Constant> constants = [.. graph.Constants.Values];
        var computed = graph.Inputs.Select(input => input.Name).ToHashSet();
        List<Operator> operators = [];
        foreach (Operator op in graph.Operators)
        {
            bool isComputed = op.Inputs.Any(computed.Contains);
            operators.Add(isComputed ? Rebatched(op, graph, batch, constants) : op);
            computed.UnionWith(isComputed ? op.Outputs : []);
        }
        var batched = new Graph(
            graph.Name, graph.Opsets, [.. graph.Inputs.Select(input => input with { Shape = input.Shape.With(0, batch) })],
            [.. graph.Outputs.Select(output => output.Name)], operators, constants);
        Tensor? unbatched = batched.Outputs.FirstOrDefault(
            output => !output.Shape.Equals(graph.Tensors[output.Name].Shape.With(0, batch)));
        return unbatched is null ? batched : throw new InvalidModelException(
            $"output '{unbatched.Name}' of {unbatched.Shape} does not follow the batch, so several images cannot be run at once");
    }

    /// <summary>The operator, with a shape of its own where it reshapes to a fixed batch of 1.</summary>
    private static Operator Rebatched(Operator op, Graph graph, int batch, List<Constant> constants)
    {
        if (op.Type != "Reshape" || !graph.Constants.TryGetValue(op.Inputs[1], out Constant? shape)
            || shape.AsSpan<long>() is not [1, ..] wanted)
        {
            return op;
        }
        string name = $"{op.Outputs[0]}/batched-shape";
        constants.Add(Constant.Of<long>(name, ElementType.Int64, shape.Tensor.Shape, [batch, .. wanted[1..]]));
        return op.With(inputs: [op.Inputs[0], name]);
    }
}

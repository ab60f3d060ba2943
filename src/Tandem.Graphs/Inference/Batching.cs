namespace Tandem.Graphs.Inference;

/// <summary>Makes a network take another number of images at once.</summary>
public static class Batching
{
    private const string Mark = "~batch ";

    // Operators whose output shape is an input of theirs, by its place.
    private static readonly Dictionary<string, int> ShapeInputs = new() { ["Reshape"] = 1, ["Expand"] = 1, ["Resize"] = 3 };

    /// <summary>
    /// The network, folded, with another first dimension of its inputs and of all that follows from them. Shapes that the network holds as
    /// constants change with it where their tensors have the batch as first dimension.
    /// </summary>
    /// <param name="graph">The network; all its inputs and outputs have the batch as first dimension.</param>
    /// <param name="batch">The new batch, at least 1.</param>
    /// <exception cref="InvalidModelException">The network is made for one batch only.</exception>
    public static Graph WithBatch(Graph graph, long batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        Graph folded = ConstantFolding.Fold(graph);
        if (folded.Inputs.Concat(folded.Outputs).FirstOrDefault(t => t.Shape.Rank == 0 || t.Shape[0] != folded.Inputs[0].Shape[0]) is { } odd)
        {
            throw new InvalidModelException($"{odd} of network '{graph.Name}' has not the batch as first dimension; give a network with one batch throughout");
        }
        if (folded.Inputs[0].Shape[0] == batch)
        {
            return folded;
        }
        var constants = folded.Constants.ToDictionary();
        Operator[] operators = [.. folded.Operators.Select(op => Resized(op, folded, batch, constants))];
        try
        {
            var changed = new Graph(
                folded.Name, folded.Opsets, [.. folded.Inputs.Select(i => i with { Shape = i.Shape.With(0, batch) })],
                [.. folded.Outputs.Select(o => o.Name)], operators, Read(operators, folded, constants));
            Tensor? wrong = folded.Outputs.Zip(changed.Outputs)
                .FirstOrDefault(pair => !pair.Second.Shape.Equals(pair.First.Shape.With(0, batch))).Second;
            return wrong is null ? changed : throw new InvalidModelException($"it would make {wrong}");
        }
        catch (InvalidModelException e)
        {
            throw new InvalidModelException(
                $"network '{graph.Name}' cannot take {batch} images at once ({e.Message}); export it with an open batch dimension", e);
        }
    }

    private static Operator Resized(Operator op, Graph graph, long batch, Dictionary<string, Constant> constants)
    {
        long before = graph.Inputs[0].Shape[0];
        if (op.Domain.Length > 0 || !ShapeInputs.TryGetValue(op.Type, out int place) || !op.HasInput(place)
            || !graph.Constants.TryGetValue(op.Inputs[place], out Constant? shape) || shape.Tensor.Type != ElementType.Int64
            || graph.Tensors[op.Outputs[0]].Shape is not [long outer, ..] || outer != before || !ReadsBatch(op, graph, before)
            || shape.AsSpan<long>() is not [long first, ..] || first != before)
        {
            return op;
        }
        // One constant may be the shape of several tensors, not all of which have the batch.
        int marked = op.Inputs[place].LastIndexOf(Mark, StringComparison.Ordinal);
        string name = $"{(marked < 0 ? op.Inputs[place] : op.Inputs[place][..marked])}{Mark}{batch}";
        constants.TryAdd(name, Constant.Of(name, ElementType.Int64, shape.Tensor.Shape, [batch, .. shape.AsSpan<long>()[1..]]));
        return op.With(inputs: [.. op.Inputs.Select((input, i) => i == place ? name : input)]);
    }

    // What is repeated to the batch may itself be of one image, or a scalar.
    private static bool ReadsBatch(Operator op, Graph graph, long before) => op.Type == "Expand"
        || (graph.Tensors[op.Inputs[0]].Shape is [long outer, ..] && outer == before);

    private static IEnumerable<Constant> Read(Operator[] operators, Graph graph, Dictionary<string, Constant> constants)
    {
        HashSet<string> read = [.. operators.SelectMany(op => op.Inputs), .. graph.Outputs.Select(output => output.Name)];
        return constants.Values.Where(constant => read.Contains(constant.Tensor.Name));
    }
}

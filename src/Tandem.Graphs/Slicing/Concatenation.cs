namespace Tandem.Graphs.Slicing;

/// <summary>
/// A concatenation whose operands can be made where they lie in its result, in one piece each, so that nothing has to be copied:
/// along channels with batch 1, for instance.
/// </summary>
/// <param name="Operator">The Concat.</param>
/// <param name="Result">What it makes.</param>
/// <param name="Axis">The axis along which the operands lie behind each other.</param>
/// <param name="Operands">The operands with the place of each along the axis, in order; they cover the result.</param>
public sealed record Concatenation(Operator Operator, Tensor Result, int Axis, IReadOnlyList<(Tensor Tensor, long From, long To)> Operands)
{
    /// <summary>
    /// The concatenation that makes a tensor; null where the tensor is made otherwise, or is no place for its operands: one of them
    /// is fed, constant, an output of the network or an operand twice, or the result is an output of the network.
    /// </summary>
    public static Concatenation? Of(Graph graph, string tensor)
    {
        if (graph.Producer(tensor) is not { Type: "Concat", Domain: "" } op || IsOutput(graph, tensor))
        {
            return null;
        }
        Tensor result = graph.Tensors[tensor];
        int axis = (int)op.GetInt("axis", 0);
        axis += axis < 0 ? result.Shape.Rank : 0;
        if (result.Shape.Product(0, axis) != 1 || !op.Inputs.All(input => HasOnePlace(graph, input)))
        {
            return null;
        }
        List<(Tensor, long, long)> operands = [];
        long at = 0;
        foreach (Tensor operand in op.Inputs.Select(input => graph.Tensors[input]))
        {
            operands.Add((operand, at, at += operand.Shape[axis]));
        }
        return new Concatenation(op, result, axis, operands);
    }

    /// <summary>The parts of operands that a part of the result consists of.</summary>
    public IEnumerable<SliceEnd> PartsOf(TensorRange range)
    {
        foreach ((Tensor tensor, long from, long to) in Operands)
        {
            if (range.IsWhole || range.Axis != Axis)
            {
                yield return new SliceEnd(tensor, range);
            }
            else if (range.From < to && from < range.To)
            {
                yield return new SliceEnd(tensor, new TensorRange(Axis, Math.Max(range.From, from) - from, Math.Min(range.To, to) - from));
            }
        }
    }

    /// <summary>Where an operand begins in the result, in bytes.</summary>
    public long ByteOffsetOf(string operand)
    {
        long before = Operands.First(o => o.Tensor.Name == operand).From;
        return before * Result.Shape.Product(Axis + 1, Result.Shape.Rank) * Result.Type.SizeInBytes();
    }

    private static bool HasOnePlace(Graph graph, string operand) => graph.Producer(operand) is not null && !IsOutput(graph, operand)
        && graph.Consumers(operand).Where(reader => reader.Type == "Concat").Sum(reader => reader.Inputs.Count(i => i == operand)) == 1;

    private static bool IsOutput(Graph graph, string tensor) => graph.Outputs.Any(output => output.Name == tensor);
}

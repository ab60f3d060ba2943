using Tandem.Graphs;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Tests;

/// <summary>Notes for every single element of every tensor which step wrote it: the slow and certain way.</summary>
internal sealed class ElementWriters(Graph graph)
{
    private const int Nobody = -1;

    private readonly Dictionary<string, int[]> _writers = [];

    public void Write(SliceEnd end, int step)
    {
        int[] writers = Of(end.Tensor);
        foreach (long element in Elements(end))
        {
            Assert.Equal(Nobody, writers[element]);
            writers[element] = step;
        }
    }

    public IEnumerable<int> WritersOf(SliceEnd end)
    {
        // Partial sums are made by steps too, though no operator of the network makes them.
        if (graph.Producer(end.Tensor.Name) is null && graph.Tensors.ContainsKey(end.Tensor.Name))
        {
            return [];
        }
        if (!_writers.ContainsKey(end.Tensor.Name) && Concatenation.Of(graph, end.Tensor.Name) is { } inPlace)
        {
            JoinInPlace(inPlace);
        }
        int[] writers = Of(end.Tensor);
        int[] found = [.. Elements(end).Select(element => writers[element]).Distinct()];
        Assert.DoesNotContain(Nobody, found);
        return found;
    }

    /// <summary>The elements of a result in the order of its operands: they lie behind each other.</summary>
    private void JoinInPlace(Concatenation inPlace)
    {
        foreach ((Tensor operand, _, _) in inPlace.Operands)
        {
            Assert.NotEmpty(WritersOf(new SliceEnd(operand, TensorRange.Whole)));
        }
        _writers[inPlace.Result.Name] = [.. inPlace.Operands.SelectMany(operand => Of(operand.Tensor))];
    }

    private int[] Of(Tensor tensor)
    {
        if (!_writers.TryGetValue(tensor.Name, out int[]? writers))
        {
            _writers[tensor.Name] = writers = new int[tensor.Shape.ElementCount];
            Array.Fill(writers, Nobody);
        }
        return writers;
    }

    private static IEnumerable<long> Elements(SliceEnd end)
    {
        Shape shape = end.Tensor.Shape;
        int axis = Math.Max(0, end.Range.Axis);
        (long from, long to) = end.Range.IsWhole ? (0, shape[0]) : (end.Range.From, end.Range.To);
        long inner = shape.Product(axis + 1, shape.Rank);
        for (long outer = 0; outer < shape.Product(0, axis); outer++)
        {
            for (long i = from * inner; i < to * inner; i++)
            {
                yield return outer * shape[axis] * inner + i;
            }
        }
    }
}

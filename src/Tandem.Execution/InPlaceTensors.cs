using Tandem.Graphs;
using Tandem.Graphs.Slicing;

namespace Tandem.Execution;

/// <summary>The tensors of a plan that lie inside others: operands of concatenations that are read although no step makes them.</summary>
internal sealed class InPlaceTensors
{
    private readonly Dictionary<string, Concatenation> _placeOf = [];
    private readonly HashSet<string> _written;
    private readonly Graph _graph;

    private InPlaceTensors(Graph graph, IEnumerable<string> written)
    {
        _graph = graph;
        _written = [.. written];
    }

    /// <summary>Finds them.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="slices">The slice of each step.</param>
    public static InPlaceTensors Of(Graph graph, IReadOnlyList<Slice> slices)
    {
        var found = new InPlaceTensors(graph, slices.SelectMany(slice => slice.Outputs).Select(output => output.Tensor.Name));
        foreach (string read in slices.SelectMany(slice => slice.Inputs).Select(input => input.Tensor.Name).Distinct())
        {
            found.AddOperandsOf(read);
        }
        return found;
    }

    /// <summary>Each tensor that lies inside another one, the outermost that it lies in, and where it begins there, in bytes.</summary>
    public IEnumerable<(string Tensor, string Owner, long ByteOffset)> Placed => _placeOf.Select(placed =>
    {
        long offset = 0;
        string owner = placed.Key;
        for (; _placeOf.TryGetValue(owner, out Concatenation? place); owner = place.Result.Name)
        {
            offset += place.ByteOffsetOf(owner);
        }
        return (placed.Key, owner, offset);
    });

    /// <summary>The tensor that has the memory that a tensor lies in: itself, or a concatenation.</summary>
    public Tensor OwnerOf(Tensor tensor)
    {
        while (_placeOf.TryGetValue(tensor.Name, out Concatenation? place))
        {
            tensor = place.Result;
        }
        return tensor;
    }

    private void AddOperandsOf(string read)
    {
        // Partial sums are no tensors of the network.
        if (_written.Contains(read) || !_graph.Tensors.ContainsKey(read) || Concatenation.Of(_graph, read) is not { } inPlace)
        {
            return;
        }
        foreach ((Tensor operand, _, _) in inPlace.Operands)
        {
            _placeOf[operand.Name] = inPlace;
            AddOperandsOf(operand.Name);
        }
    }
}

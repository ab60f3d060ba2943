namespace Tandem.Graphs.Slicing;

/// <summary>Some operators of a graph, with the tensors that they read from outside and make for outside.</summary>
internal sealed class Region
{
    private readonly HashSet<string> _made;

    /// <summary>Gathers a region.</summary>
    /// <param name="graph">The whole graph.</param>
    /// <param name="operators">Operators of the graph, in an order in which they can run.</param>
    public Region(Graph graph, IReadOnlyList<Operator> operators)
    {
        Graph = graph;
        Operators = operators;
        _made = [.. operators.SelectMany(op => op.Outputs).Where(o => o.Length > 0)];
        var own = new HashSet<Operator>(operators);
        var results = graph.Outputs.Select(o => o.Name).ToHashSet();
        Outputs = [.. operators
            .SelectMany(op => op.Outputs)
            .Where(o => o.Length > 0 && (results.Contains(o) || graph.Consumers(o).Any(c => !own.Contains(c))))
            .Select(o => graph.Tensors[o])];
    }

    /// <summary>The whole graph.</summary>
    public Graph Graph { get; }

    /// <summary>The operators of the region, in an order in which they can run.</summary>
    public IReadOnlyList<Operator> Operators { get; }

    /// <summary>Tensors made inside and read outside, or returned to the caller.</summary>
    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>Whether a tensor is made by one of the region's operators.</summary>
    public bool Makes(string tensor) => _made.Contains(tensor);

    /// <summary>Whether a tensor is made at run time outside the region.</summary>
    public bool IsInput(string tensor) => tensor.Length > 0 && !Makes(tensor) && !Graph.Constants.ContainsKey(tensor);

    /// <summary>Whether anything reads an operator's output: the caller or another operator.</summary>
    public bool IsUsed(string tensor) =>
        tensor.Length > 0 && (Graph.Consumers(tensor).Count > 0 || Graph.Outputs.Any(o => o.Name == tensor));
}

namespace Tandem.Graphs.Quantization;

/// <summary>Which operators of a graph are quantised, which activations disappear in them, and which tensors become bytes.</summary>
internal sealed class QuantizedPart
{
    private readonly Graph _graph;
    private readonly Dictionary<Operator, Operator> _absorbed = [];
    private readonly HashSet<string> _bytes = [];

    /// <summary>Chooses for a graph.</summary>
    public QuantizedPart(Graph graph)
    {
        _graph = graph;
        foreach (Operator op in graph.Operators)
        {
            if (ProductSite.Of(graph, op) is not null || QuantizableOperators.Rescales(graph, op))
            {
                Take(op);
            }
            else if (QuantizableOperators.Moves(op) && _bytes.Contains(op.Inputs[0]))
            {
                Take(op);
            }
        }
    }

    /// <summary>The operators that get integer kernels.</summary>
    public HashSet<Operator> Operators { get; } = [];

    /// <summary>Whether an operator is done by the saturation of the one before it.</summary>
    public bool IsAbsorbed(Operator op) => _absorbed.ContainsValue(op);

    /// <summary>The tensor that a quantised operator makes, behind the activation that it absorbs.</summary>
    public string OutputOf(Operator op) => (_absorbed.GetValueOrDefault(op) ?? op).Outputs[0];

    /// <summary>Whether a quantised operator's output is made as bytes; a last product gives its float32 sums, which are finer.</summary>
    public bool MakesBytes(Operator op) => ProductSite.Of(_graph, op) is null || op.Type == "Conv" || _absorbed.ContainsKey(op)
        || _graph.Consumers(OutputOf(op)).Any(Operators.Contains);

    private void Take(Operator op)
    {
        Operators.Add(op);
        IReadOnlyList<Operator> consumers = _graph.Consumers(op.Outputs[0]);
        if (consumers.Count == 1 && QuantizableOperators.CutsAtZero(_graph, consumers[0])
            && !QuantizableOperators.Moves(op) && _graph.Outputs.All(output => output.Name != op.Outputs[0]))
        {
            _absorbed[op] = consumers[0];
        }
        _bytes.Add(OutputOf(op));
    }
}

using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>
/// Writes a graph anew with images in the blocked layout. A tensor may exist in either layout or in both; what nothing reads in
/// the end is left out.
/// </summary>
internal sealed class BlockedWriter
{
    /// <summary>The domain of ONNX Runtime's operators on the blocked layout.</summary>
    public const string Domain = "com.microsoft.nchwc";

    private static readonly Dictionary<string, IBlockedRule> Rules = new IBlockedRule[]
    {
        new ConvolutionRule(), new TransposedConvolutionRule(), new NormalizationRule(), new SumRule(), new ProductRule(), new ReluRule(),
        new MaskRule(), new ChannelSumRule(), new PoolingRule(), new AveragePoolRule(), new RepetitionRule(), new SpreadRule(),
    }.SelectMany(rule => rule.Types.Select(type => (type, rule))).ToDictionary(entry => entry.type, entry => entry.rule);

    private readonly Dictionary<string, Tensor> _blocked = [];
    private readonly HashSet<Operator> _written = [];
    private int _count;

    /// <summary>Prepares to write a graph anew.</summary>
    public BlockedWriter(Graph graph)
    {
        Graph = graph;
        Draft = new GraphDraft(graph.Name, graph.Opset);
        Draft.Reserve(graph.Tensors.Keys);
        foreach (Tensor input in graph.Inputs)
        {
            Draft.Input(input);
        }
        foreach (Constant constant in graph.Constants.Values)
        {
            Draft.Constant(constant);
        }
    }

    /// <summary>The graph as it was.</summary>
    public Graph Graph { get; }

    /// <summary>The graph that is written.</summary>
    public GraphDraft Draft { get; }

    /// <summary>Writes the graph.</summary>
    public Graph Write()
    {
        foreach (Operator op in Graph.Operators.Where(op => !_written.Contains(op)))
        {
            if (op.Domain.Length > 0 || !Rules.TryGetValue(op.Type, out IBlockedRule? rule) || !rule.TryWrite(op, this))
            {
                foreach (string input in op.Inputs.Where(i => i.Length > 0))
                {
                    Plain(input);
                }
                Draft.Add(op);
            }
        }
        foreach (Tensor output in Graph.Outputs)
        {
            Plain(output.Name);
        }
        return Draft.ToGraph([.. Graph.Outputs.Select(o => o.Name)]);
    }

    /// <summary>Whether a tensor of the graph could be in the blocked layout.</summary>
    public bool CanBlock(string name) =>
        Graph.Tensors[name] is { Type: ElementType.Float32, Shape.Rank: 4 } tensor && tensor.Shape[1] % BlockedLayout.Block == 0;

    /// <summary>Whether a tensor is there in the blocked layout already.</summary>
    public bool IsBlocked(string name) => _blocked.ContainsKey(name);

    /// <summary>Whether a tensor of the graph has been written, in whichever layout.</summary>
    public bool IsWritten(string name) => _blocked.ContainsKey(name) || Draft.Has(name);

    /// <summary>A tensor of the graph in its usual layout.</summary>
    public Tensor Plain(string name) => Draft.Has(name)
        ? Draft[name]
        : Draft.Add(new Operator(
            name, "ReorderOutput", [_blocked[name].Name], [name],
            new Dictionary<string, AttributeValue> { ["channels"] = Expressions.Int(_blocked[name].Shape[1]) }, Domain))[0];

    /// <summary>A tensor of the graph in the blocked layout.</summary>
    public Tensor Blocked(string name)
    {
        if (!_blocked.TryGetValue(name, out Tensor? blocked))
        {
            _blocked[name] = blocked = Add("ReorderInput", [Draft[name]]);
        }
        return blocked;
    }

    /// <summary>Says what a tensor of the graph is in the blocked layout.</summary>
    public void Set(string name, Tensor blocked) => _blocked[name] = blocked;

    /// <summary>Says that an operator has been written together with another.</summary>
    public void Skip(Operator op) => _written.Add(op);

    /// <summary>The one operator that reads a tensor which is no output; null where there are more or none.</summary>
    public Operator? OnlyReader(string tensor) =>
        Graph.Consumers(tensor) is [Operator one] && one.Inputs.Count(i => i == tensor) == 1 && Graph.Outputs.All(o => o.Name != tensor)
            ? one
            : null;

    /// <summary>
    /// Where the only reader of a tensor adds it to another of its shape that is there already: the other one. The addition is then
    /// written by whoever writes the tensor, and <paramref name="output"/> becomes its name.
    /// </summary>
    public Tensor? TakeSum(ref string output)
    {
        if (OnlyReader(output) is not { Type: "Add" } add)
        {
            return null;
        }
        string other = add.Inputs[0] == output ? add.Inputs[1] : add.Inputs[0];
        if (!IsWritten(other) || !Graph.Tensors[other].Shape.Equals(Graph.Tensors[output].Shape))
        {
            return null;
        }
        Skip(add);
        output = add.Outputs[0];
        return Blocked(other);
    }

    /// <summary>Adds an operator on the blocked layout.</summary>
    public Tensor Add(
        string type, IReadOnlyList<Tensor?> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        Dictionary<string, AttributeValue> set = [];
        foreach ((string attribute, AttributeValue value) in attributes)
        {
            set[attribute] = value;
        }
        string name = $"blocked {type} {_count++}";
        return Draft.Add(new Operator(name, type, [.. inputs.Select(i => i?.Name ?? "")], [name], set, Domain))[0];
    }
}

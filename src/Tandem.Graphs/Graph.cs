using System.Collections.ObjectModel;
using Tandem.Graphs.Inference;

namespace Tandem.Graphs;

/// <summary>
/// An ONNX network with static shapes: operators in an order in which they can run, every tensor typed.
/// Immutable; what changes a graph makes a new one.
/// </summary>
public sealed class Graph
{
    private readonly Dictionary<string, Operator> _producers = [];
    private readonly Dictionary<string, List<Operator>> _consumers = [];

    /// <summary>Makes a graph, checks that it is well formed, and infers the type and shape of every tensor.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="opsets">Operator set version by domain; "" is the ONNX standard.</param>
    /// <param name="inputs">What the caller feeds, in order.</param>
    /// <param name="outputs">Names of the tensors that the caller gets, in order.</param>
    /// <param name="operators">The operators, in any order.</param>
    /// <param name="constants">Weights and other tensors with contents.</param>
    /// <exception cref="InvalidModelException">
    /// A tensor has no producer or two, the operators form a cycle, an operator is unknown, or shapes do not fit.
    /// </exception>
    public Graph(
        string name,
        IReadOnlyDictionary<string, int> opsets,
        IReadOnlyList<Tensor> inputs,
        IReadOnlyList<string> outputs,
        IReadOnlyList<Operator> operators,
        IEnumerable<Constant> constants)
    {
        Name = name;
        Opsets = opsets;
        Inputs = inputs;
        Constants = constants.ToDictionary(c => c.Tensor.Name);
        foreach (Operator op in operators)
        {
            Register(op);
        }
        Operators = TopologicalOrder.Sort(operators, this);
        Tensors = ShapeInference.Infer(this);
        Outputs = [.. outputs.Select(output => Tensors.GetValueOrDefault(output)
            ?? throw new InvalidModelException($"output '{output}' is made by no operator of the model"))];
    }

    private Graph(Graph other)
    {
        (Name, Opsets, Inputs, Outputs) = (other.Name, other.Opsets, other.Inputs, other.Outputs);
        (Operators, Tensors) = (other.Operators, other.Tensors);
        (_producers, _consumers) = (other._producers, other._consumers);
        Constants = ReadOnlyDictionary<string, Constant>.Empty;
    }

    /// <summary>The network's name.</summary>
    public string Name { get; }

    /// <summary>Operator set version by domain; "" is the ONNX standard.</summary>
    public IReadOnlyDictionary<string, int> Opsets { get; }

    /// <summary>Version of the ONNX standard operator set.</summary>
    public int Opset => Opsets.GetValueOrDefault("", 1);

    /// <summary>What the caller feeds, in order; constants are never among them.</summary>
    public IReadOnlyList<Tensor> Inputs { get; }

    /// <summary>What the caller gets, in order.</summary>
    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>The operators, each after those that make its inputs; the model's own order where it allows that.</summary>
    public IReadOnlyList<Operator> Operators { get; }

    /// <summary>Weights and other tensors with contents, by name.</summary>
    public IReadOnlyDictionary<string, Constant> Constants { get; }

    /// <summary>
    /// What the model's file says about the model beside the graph, by key (ONNX's metadata_props); read and written by <c>OnnxFile</c>.
    /// </summary>
    /// <value>Empty. A graph made from another does not take it over, as it may no longer be true.</value>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Every tensor (inputs, constants, what operators make) with type and shape, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; }

    /// <summary>The operator that makes a tensor; null for inputs and constants.</summary>
    public Operator? Producer(string tensor) => _producers.GetValueOrDefault(tensor);

    /// <summary>The operators that read a tensor, each once; empty where none does.</summary>
    public IReadOnlyList<Operator> Consumers(string tensor) =>
        _consumers.TryGetValue(tensor, out List<Operator>? consumers) ? consumers : [];

    /// <summary>
    /// The same graph without its constants, for whoever has packed the weights elsewhere: names, types and shapes stay known, of constants
    /// too, but it can neither be run nor saved.
    /// </summary>
    public Graph WithoutConstants() => new(this);

    private void Register(Operator op)
    {
        foreach (string output in op.Outputs.Where(o => o.Length > 0))
        {
            if (!_producers.TryAdd(output, op))
            {
                throw new InvalidModelException(op, $"tensor '{output}' is made by two operators");
            }
        }
        foreach (string input in op.Inputs.Where(i => i.Length > 0).Distinct())
        {
            if (!_consumers.TryGetValue(input, out List<Operator>? consumers))
            {
                _consumers[input] = consumers = [];
            }
            consumers.Add(op);
        }
    }
}

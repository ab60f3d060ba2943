using System.Globalization;
using System.Runtime.InteropServices;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Inference.Evaluation;

namespace Tandem.Graphs;

/// <summary>
/// A graph that is being written: operators are added one after another, and the type and shape of what each makes is known
/// at once. May start from a graph, whose tensors keep their names.
/// </summary>
public sealed class GraphDraft
{
    private const int LargestFollowedTensor = 4096;

    private readonly Dictionary<string, int> _opsets;
    private readonly List<Tensor> _inputs = [];
    private readonly List<Operator> _operators = [];
    private readonly Dictionary<string, Constant> _constants = [];
    private readonly Dictionary<string, Constant> _values = [];
    private readonly Dictionary<string, Tensor> _tensors = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly Dictionary<string, Tensor> _integers = [];
    private readonly HashSet<string> _reserved = [];

    /// <summary>Starts an empty draft.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="opset">Version of the ONNX standard operator set.</param>
    public GraphDraft(string name, int opset)
    {
        Name = name;
        _opsets = new Dictionary<string, int> { [""] = opset };
    }

    /// <summary>Starts with what a graph has; its constants may be made inputs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="opset">Version of the ONNX standard operator set; null for the graph's.</param>
    /// <param name="asInputs">Names of constants that become inputs, after the graph's own; null for none.</param>
    /// <exception cref="InvalidModelException">An operator means something else, or nothing, in that version.</exception>
    public GraphDraft(Graph graph, int? opset = null, IReadOnlyList<string>? asInputs = null)
    {
        Name = graph.Name;
        _opsets = graph.Opsets.ToDictionary();
        _opsets[""] = opset ?? graph.Opset;
        foreach (Tensor input in graph.Inputs)
        {
            Input(input);
        }
        foreach (string name in asInputs ?? [])
        {
            Input(graph.Constants[name].Tensor);
        }
        foreach (Constant constant in graph.Constants.Values.Where(c => asInputs?.Contains(c.Tensor.Name) != true))
        {
            Constant(constant);
        }
        foreach (Operator op in graph.Operators)
        {
            Add(op);
        }
    }

    /// <summary>The network's name.</summary>
    public string Name { get; }

    /// <summary>Version of the ONNX standard operator set.</summary>
    public int Opset => _opsets[""];

    /// <summary>The operators so far, each after those that make its inputs.</summary>
    public IReadOnlyList<Operator> Operators => _operators;

    /// <summary>The inputs so far.</summary>
    public IReadOnlyList<Tensor> Inputs => _inputs;

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="InvalidModelException">There is none.</exception>
    public Tensor this[string name] => _tensors.GetValueOrDefault(name)
        ?? throw new InvalidModelException($"network '{Name}' has no tensor '{name}'");

    /// <summary>The contents of a tensor where they do not depend on what the network is fed; else null.</summary>
    public Constant? ValueOf(string name) => _values.GetValueOrDefault(name);

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <summary>Keeps names for tensors that are added under their own names later.</summary>
    public void Reserve(IEnumerable<string> names) => _reserved.UnionWith(names);

    /// <summary>Adds an input of the network.</summary>
    public Tensor Input(Tensor input)
    {
        _inputs.Add(Declare(input));
        return input;
    }

    /// <summary>Adds a constant under its own name.</summary>
    public Tensor Constant(Constant constant)
    {
        _constants[constant.Tensor.Name] = constant;
        _values[constant.Tensor.Name] = constant;
        return Declare(constant.Tensor);
    }

    /// <summary>A constant list of integers, such as axes; equal lists are one constant.</summary>
    public Tensor Integers(params ReadOnlySpan<long> values)
    {
        string key = string.Join(',', values.ToArray());
        if (!_integers.TryGetValue(key, out Tensor? tensor))
        {
            tensor = Constant(Graphs.Constant.Of(NewName("integers"), ElementType.Int64, new Shape(values.Length), values));
            _integers[key] = tensor;
        }
        return tensor;
    }

    /// <summary>A constant scalar of a floating-point type.</summary>
    /// <param name="value">The number, rounded to the type.</param>
    /// <param name="type">Single or double precision.</param>
    public Tensor Number(double value, ElementType type) => Numbers([value], type, Shape.Scalar);

    /// <summary>A constant of a floating-point type.</summary>
    /// <param name="values">The numbers in row-major order, rounded to the type.</param>
    /// <param name="type">Single or double precision.</param>
    /// <param name="shape">The shape.</param>
    public Tensor Numbers(ReadOnlySpan<double> values, ElementType type, Shape shape)
    {
        string name = NewName("number");
        if (type == ElementType.Float64)
        {
            return Constant(Graphs.Constant.Of(name, type, shape, values));
        }
        float[] single = new float[values.Length];
        for (int i = 0; i < single.Length; i++)
        {
            single[i] = (float)values[i];
        }
        return Constant(Graphs.Constant.Of<float>(name, ElementType.Float32, shape, single));
    }

    /// <summary>Adds an operator with one output, whose name is found for it.</summary>
    /// <param name="type">The ONNX operator type.</param>
    /// <param name="inputs">What it reads; null for an optional input that is left out.</param>
    /// <param name="attributes">Attributes that differ from the defaults.</param>
    /// <exception cref="InvalidModelException">The inputs do not fit the operator.</exception>
    public Tensor Add(
        string type, IReadOnlyList<Tensor?> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Add(type, inputs, 1, attributes)[0];

    /// <summary>Adds an operator with several outputs.</summary>
    /// <param name="type">The ONNX operator type.</param>
    /// <param name="inputs">What it reads; null for an optional input that is left out.</param>
    /// <param name="outputs">How many outputs it has.</param>
    /// <param name="attributes">Attributes that differ from the defaults.</param>
    /// <exception cref="InvalidModelException">The inputs do not fit the operator.</exception>
    public IReadOnlyList<Tensor> Add(
        string type, IReadOnlyList<Tensor?> inputs, int outputs,
        params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        Dictionary<string, AttributeValue> set = [];
        foreach ((string attribute, AttributeValue value) in attributes)
        {
            set[attribute] = value;
        }
        string name = NewName(type);
        return Add(new Operator(
            name, type, [.. inputs.Select(i => i?.Name ?? "")],
            [.. Enumerable.Range(0, outputs).Select(i => i == 0 ? name : $"{name}:{i}")], set));
    }

    /// <summary>Adds an operator under its own names.</summary>
    /// <returns>What it makes, in order; outputs that it leaves out have an empty name.</returns>
    /// <exception cref="InvalidModelException">The inputs do not fit the operator, or a name is taken.</exception>
    public IReadOnlyList<Tensor> Add(Operator op)
    {
        var context = new OperatorContext(op, Opset, _tensors, _values);
        IReadOnlyList<Tensor> outputs = ShapeInference.InferOperator(context);
        foreach (Tensor output in outputs.Where(o => o.Name.Length > 0))
        {
            Declare(output);
        }
        if (outputs.Sum(o => o.Shape.ElementCount) <= LargestFollowedTensor
            && ConstantEvaluator.TryEvaluate(context, outputs) is IReadOnlyList<Constant> known)
        {
            foreach (Constant value in known.Where(v => v.Tensor.Name.Length > 0))
            {
                _values[value.Tensor.Name] = value;
            }
        }
        _operators.Add(op);
        return outputs;
    }

    /// <summary>Replaces an operator by one that makes more outputs of the same operator type, such as MaxPool's indices.</summary>
    /// <param name="op">An operator of the draft.</param>
    /// <param name="output">The place of the output that is wanted.</param>
    /// <returns>The output; the one it already had where it had it.</returns>
    public Tensor RequireOutput(Operator op, int output)
    {
        int place = _operators.FindIndex(o => o.Name == op.Name && o.Outputs[0] == op.Outputs[0]);
        Operator present = _operators[place];
        if (output < present.Outputs.Count && present.Outputs[output].Length > 0)
        {
            return this[present.Outputs[output]];
        }
        string name = NewName(op.Type + "_output");
        List<string> outputs = [.. present.Outputs];
        outputs.AddRange(Enumerable.Repeat("", Math.Max(0, output + 1 - outputs.Count)));
        outputs[output] = name;
        _operators[place] = present.With(outputs: outputs);
        IReadOnlyList<Tensor> made = ShapeInference.InferOperator(
            new OperatorContext(_operators[place], Opset, _tensors, _values));
        return Declare(made[output]);
    }

    /// <summary>The graph, without operators and constants on which no output depends.</summary>
    /// <param name="outputs">Names of the tensors that the caller gets, in order.</param>
    public Graph ToGraph(IReadOnlyList<string> outputs)
    {
        HashSet<string> needed = [.. outputs];
        List<Operator> kept = [];
        for (int i = _operators.Count - 1; i >= 0; i--)
        {
            Operator op = _operators[i];
            if (op.Outputs.Any(needed.Contains))
            {
                needed.UnionWith(op.Inputs.Where(input => input.Length > 0));
                kept.Add(op);
            }
        }
        kept.Reverse();
        return new Graph(
            Name, _opsets, [.. _inputs], outputs, kept, _constants.Values.Where(c => needed.Contains(c.Tensor.Name)));
    }

    private Tensor Declare(Tensor tensor) => _tensors.TryAdd(tensor.Name, tensor)
        ? tensor
        : throw new InvalidModelException($"two tensors of network '{Name}' are named '{tensor.Name}'");

    private string NewName(string type)
    {
        string name;
        do
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, type, out _);
            count++;
            name = string.Create(CultureInfo.InvariantCulture, $"{type}~{count}");
        }
        while (_tensors.ContainsKey(name) || _reserved.Contains(name));
        return name;
    }
}

using Tandem.Graphs;

namespace Tandem.Bench.TrainingStep;

/// <summary>Collects the operators of a training step. Every method that adds an operator returns the name of what it makes.</summary>
internal sealed class StepGraph
{
    /// <summary>ONNX Runtime's operators that read and write the blocked layout NCHWc.</summary>
    public const string BlockedDomain = "com.microsoft.nchwc";

    private const int Opset = 13;

    private readonly List<Tensor> _inputs = [];
    private readonly List<Operator> _operators = [];
    private readonly Dictionary<string, Constant> _constants = [];

    /// <summary>Declares what the caller feeds.</summary>
    public string Input(string name, ElementType type, params ReadOnlySpan<long> shape)
    {
        _inputs.Add(new Tensor(name, type, new Shape(shape)));
        return name;
    }

    /// <summary>Adds an operator of the ONNX standard with one output.</summary>
    public string Add(string type, IReadOnlyList<string> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Append(type, "", inputs, attributes);

    /// <summary>Adds an operator on the blocked layout.</summary>
    public string AddBlocked(
        string type, IReadOnlyList<string> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Append(type, BlockedDomain, inputs, attributes);

    /// <summary>The parts of a vector, by their lengths.</summary>
    public IReadOnlyList<string> Split(string vector, IReadOnlyList<long> lengths)
    {
        string[] parts = [.. Enumerable.Range(0, lengths.Count).Select(i => $"{vector}.{i}")];
        _operators.Add(new Operator($"Split.{vector}", "Split", [vector, Integers([.. lengths])], parts));
        return parts;
    }

    /// <summary>The same elements in another shape.</summary>
    public string Reshape(string tensor, params ReadOnlySpan<long> shape) => Add("Reshape", [tensor, Integers(shape)]);

    /// <summary>The elements in another order of dimensions.</summary>
    public string Transpose(string tensor, params long[] order) => Add("Transpose", [tensor], ("perm", new AttributeValue.Ints(order)));

    /// <summary>Zeros added at the beginnings and ends of all dimensions.</summary>
    public string Pad(string tensor, params ReadOnlySpan<long> beginsThenEnds) => Add("Pad", [tensor, Integers(beginsThenEnds)]);

    /// <summary>Sums over one dimension, which goes.</summary>
    public string SumOver(string tensor, long axis) =>
        Add("ReduceSum", [tensor, Integers(axis)], ("keepdims", new AttributeValue.Int(0)));

    /// <summary>A tensor times a number.</summary>
    public string Scale(string tensor, double factor) => Add("Mul", [tensor, Number(factor)]);

    /// <summary>Adds an operator and gives what it makes a name.</summary>
    public void Name(string tensor, string name) => _operators.Add(new Operator($"Name.{name}", "Identity", [tensor], [name]));

    /// <summary>A constant number.</summary>
    public string Number(double value) => Filled(value);

    /// <summary>A constant tensor of one number.</summary>
    public string Filled(double value, params ReadOnlySpan<long> shape)
    {
        var dimensions = new Shape(shape);
        float[] elements = new float[dimensions.ElementCount];
        Array.Fill(elements, (float)value);
        return Hold<float>($"{(float)value:R}{dimensions}", ElementType.Float32, dimensions, elements);
    }

    /// <summary>A constant list of integers.</summary>
    public string Integers(params ReadOnlySpan<long> values) =>
        Hold($"ints[{string.Join(',', values.ToArray())}]", ElementType.Int64, new Shape(values.Length), values);

    /// <summary>The finished graph.</summary>
    public Graph Build(params string[] outputs) => new(
        "training-step", new Dictionary<string, int> { [""] = Opset, [BlockedDomain] = 1 }, _inputs, outputs, _operators, _constants.Values);

    private string Append(
        string type, string domain, IReadOnlyList<string> inputs, ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        string output = $"{type}{_operators.Count}";
        Dictionary<string, AttributeValue> set = [];
        foreach ((string name, AttributeValue value) in attributes)
        {
            set[name] = value;
        }
        _operators.Add(new Operator(output, type, inputs, [output], set, domain));
        return output;
    }

    private string Hold<T>(string name, ElementType type, Shape shape, ReadOnlySpan<T> elements) where T : unmanaged
    {
        if (!_constants.ContainsKey(name))
        {
            _constants[name] = Constant.Of(name, type, shape, elements);
        }
        return name;
    }
}

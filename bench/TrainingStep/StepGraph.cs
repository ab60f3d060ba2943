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

    /// <summary>
    /// The rows of a tensor in another order of dimensions: [rows, length]. Unlike Transpose, Gather shares its work between threads.
    /// </summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="shape">The dimensions that rows are counted by.</param>
    /// <param name="order">Those dimensions in their new order.</param>
    /// <param name="length">Numbers in a row.</param>
    public string TransposeRows(string tensor, long[] shape, int[] order, long length)
    {
        string name = $"rows[{string.Join(',', shape)}][{string.Join(',', order)}]";
        if (!_constants.ContainsKey(name))
        {
            Hold<int>(name, ElementType.Int32, new Shape(shape.Aggregate(1L, (a, b) => a * b)), RowOrder(shape, order));
        }
        return Add("Gather", [Reshape(tensor, -1, length), name], ("axis", new AttributeValue.Int(0)));
    }

    /// <summary>Matrices side by side; unlike Pad, Concat shares its work between threads.</summary>
    public string Join(params string[] matrices) => Add("Concat", matrices, ("axis", new AttributeValue.Int(1)));

    /// <summary>Every second or third ... element from a first one on, along some axes.</summary>
    public string Slice(string tensor, long[] starts, long[] ends, long[] axes, long[] steps) =>
        Add("Slice", [tensor, Integers(starts), Integers(ends), Integers(axes), Integers(steps)]);

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

    /// <summary>For each row of the new order, where it is in the old one.</summary>
    private static int[] RowOrder(long[] shape, int[] order)
    {
        int[] strides = new int[shape.Length];
        int rows = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = rows;
            rows *= (int)shape[axis];
        }
        int[] result = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            int rest = row;
            for (int i = order.Length - 1; i >= 0; i--)
            {
                int extent = (int)shape[order[i]];
                result[row] += rest % extent * strides[order[i]];
                rest /= extent;
            }
        }
        return result;
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

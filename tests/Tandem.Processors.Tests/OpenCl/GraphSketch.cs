using Tandem.Graphs;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Writes small graphs down in a few lines.</summary>
internal sealed class GraphSketch(int opset = 13)
{
    private readonly Dictionary<string, int> _opsets = new() { [""] = opset };
    private readonly List<Tensor> _inputs = [];
    private readonly List<Operator> _operators = [];
    private readonly List<Constant> _constants = [];
    private int _seed = 1;

    public GraphSketch Input(string name, params long[] shape)
    {
        _inputs.Add(new Tensor(name, ElementType.Float32, new Shape(shape)));
        return this;
    }

    /// <summary>A constant with seeded numbers between two bounds.</summary>
    public GraphSketch Weights(string name, long[] shape, float from = -1, float to = 1)
    {
        var random = new Random(_seed++);
        float[] elements = new float[new Shape(shape).ElementCount];
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = from + (to - from) * random.NextSingle();
        }
        _constants.Add(Constant.Of<float>(name, ElementType.Float32, new Shape(shape), elements));
        return this;
    }

    public GraphSketch Floats(string name, params float[] values)
    {
        _constants.Add(Constant.Of<float>(name, ElementType.Float32, new Shape(values.Length), values));
        return this;
    }

    public GraphSketch Scalar(string name, float value)
    {
        _constants.Add(Constant.Of<float>(name, ElementType.Float32, Shape.Scalar, [value]));
        return this;
    }

    public GraphSketch Ints(string name, params long[] values)
    {
        _constants.Add(Constant.Of<long>(name, ElementType.Int64, new Shape(values.Length), values));
        return this;
    }

    /// <summary>An operator; tensors' names are separated by blanks.</summary>
    public GraphSketch Op(string type, string inputs, string outputs, params (string Name, object Value)[] attributes)
    {
        int dot = type.IndexOf(':', StringComparison.Ordinal);
        string domain = dot < 0 ? "" : type[..dot];
        if (domain.Length > 0)
        {
            _opsets[domain] = 1;
        }
        _operators.Add(new Operator(
            $"{type[(dot + 1)..].ToLowerInvariant()}{_operators.Count}",
            type[(dot + 1)..],
            [.. inputs.Split(' ').Select(name => name == "-" ? "" : name)],
            outputs.Split(' '),
            attributes.ToDictionary(attribute => attribute.Name, attribute => Value(attribute.Value)),
            domain));
        return this;
    }

    public Graph Build(string outputs = "y") =>
        new("sketch", _opsets, _inputs, outputs.Split(' '), _operators, _constants);

    /// <summary>Seeded numbers between -1 and 1 for each input.</summary>
    public static float[][] Values(Graph graph, int seed = 3) =>
        [.. graph.Inputs.Select((input, index) =>
        {
            float[] values = new float[input.Shape.ElementCount];
            SmallGraphs.Fill(values, seed + index);
            return values;
        })];

    private static AttributeValue Value(object value) => value switch
    {
        int number => new AttributeValue.Int(number),
        float number => new AttributeValue.Float(number),
        string text => new AttributeValue.Text(text),
        long[] numbers => new AttributeValue.Ints(numbers),
        int[] numbers => new AttributeValue.Ints([.. numbers.Select(n => (long)n)]),
        float[] numbers => new AttributeValue.Floats(numbers),
        _ => throw new ArgumentException($"no attribute is made of {value}", nameof(value)),
    };
}

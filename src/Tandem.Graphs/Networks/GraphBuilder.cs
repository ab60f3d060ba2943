using System.Globalization;

namespace Tandem.Graphs.Networks;

/// <summary>
/// Builds image networks layer by layer (N, C, H, W; opset 13), with seeded weights drawn when the graph is built.
/// Every layer method adds one operator and returns the tensor that it makes.
/// </summary>
public sealed partial class GraphBuilder
{
    private const int Opset = 13;

    private readonly string _name;
    private readonly List<Tensor> _inputs = [];
    private readonly List<Operator> _operators = [];
    private readonly List<Tensor> _weights = [];
    private readonly List<Constant> _constants = [];
    private readonly Dictionary<string, int> _counts = [];

    /// <summary>Starts an empty network.</summary>
    /// <param name="name">The network's name.</param>
    public GraphBuilder(string name) => _name = name;

    /// <summary>Declares an input of the network.</summary>
    public Tensor Input(string name, params ReadOnlySpan<long> shape)
    {
        var input = new Tensor(name, ElementType.Float32, new Shape(shape));
        _inputs.Add(input);
        return input;
    }

    /// <summary>
    /// Declares a weight whose numbers are drawn when the graph is built, by the role of the operator that reads it.
    /// </summary>
    public Tensor Weight(string name, params ReadOnlySpan<long> shape)
    {
        var weight = new Tensor(name, ElementType.Float32, new Shape(shape));
        _weights.Add(weight);
        return weight;
    }

    /// <summary>Adds a constant with given contents.</summary>
    public Tensor Constant(Constant constant)
    {
        _constants.Add(constant);
        return constant.Tensor;
    }

    /// <summary>Adds any operator with one output; layers that have no method of their own come in here.</summary>
    /// <param name="type">The ONNX operator type.</param>
    /// <param name="output">The shape of what it makes.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="attributes">Attributes that differ from the defaults.</param>
    public Tensor Add(
        string type, Shape output, IReadOnlyList<Tensor> inputs,
        params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        string name = NextName(type);
        Dictionary<string, AttributeValue> set = [];
        foreach ((string attribute, AttributeValue value) in attributes)
        {
            set[attribute] = value;
        }
        _operators.Add(new Operator(name, type, [.. inputs.Select(i => i.Name)], [name], set));
        return new Tensor(name, ElementType.Float32, output);
    }

    /// <summary>Draws the weights and makes the graph.</summary>
    /// <param name="seed">Equal seeds give equal weights on every machine.</param>
    /// <param name="outputs">What the caller of the network gets.</param>
    public Graph Build(int seed, params ReadOnlySpan<Tensor> outputs)
    {
        var roles = new WeightRoles(_operators);
        IEnumerable<Constant> drawn = _weights.Select(
            weight => (roles.DistributionOf(weight) ?? WeightDistribution.AroundZero).Draw(weight, seed));
        string[] names = new string[outputs.Length];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = outputs[i].Name;
        }
        return new Graph(
            _name, new Dictionary<string, int> { [""] = Opset }, [.. _inputs], names, [.. _operators],
            [.. _constants, .. drawn]);
    }

    private string NextName(string type)
    {
        int count = _counts[type] = _counts.GetValueOrDefault(type) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{type}_{count}");
    }

    // The name that the next operator of this type will get, for its weights.
    private string PeekName(string type) =>
        string.Create(CultureInfo.InvariantCulture, $"{type}_{_counts.GetValueOrDefault(type) + 1}");

    private static AttributeValue.Int Int(long value) => new(value);

    private static AttributeValue.Ints Both(long value) => new([value, value]);

    private static AttributeValue.Ints Border(long value) => new([value, value, value, value]);
}

namespace Tandem.Graphs.Opsets;

/// <summary>A network that is rewritten for another operator set, and the constants that this takes.</summary>
/// <param name="graph">The network as it was.</param>
internal sealed class Rewriting(Graph graph)
{
    private readonly List<Constant> _constants = [];

    /// <summary>The network as it was.</summary>
    public Graph Graph => graph;

    /// <summary>What was an attribute and is an input now.</summary>
    public IReadOnlyList<Constant> Constants => _constants;

    /// <summary>The operator with inputs, after those it has, in place of attributes; where it has none of these it stays as it is.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="names">The attributes in the order of the inputs; one that is not set is an input left out.</param>
    public Operator WithInputs(Operator op, params IReadOnlyList<string> names)
    {
        if (!names.Any(op.Attributes.ContainsKey))
        {
            return op;
        }
        List<string> inputs = [.. op.Inputs, .. names.Select(name => op.Attributes.TryGetValue(name, out AttributeValue? v) ? Input(op, name, v) : "")];
        while (inputs[^1].Length == 0)
        {
            inputs.RemoveAt(inputs.Count - 1);
        }
        return op.With(inputs: inputs, attributes: op.Attributes.Where(a => !names.Contains(a.Key)).ToDictionary());
    }

    private string Input(Operator op, string attribute, AttributeValue value)
    {
        string name = $"{op.Outputs[0]}~{attribute}";
        _constants.Add(value switch
        {
            AttributeValue.Ints list => Constant.Of<long>(name, ElementType.Int64, new Shape(list.Values.Count), list.Values.ToArray()),
            AttributeValue.Float number => Constant.Of<float>(name, ElementType.Float32, Shape.Scalar, [number.Value]),
            _ => throw new InvalidModelException(op, $"its attribute '{attribute}' is neither a number nor a list of integers"),
        });
        return name;
    }
}

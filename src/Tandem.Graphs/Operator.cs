namespace Tandem.Graphs;

/// <summary>One node of a graph, as ONNX defines it. Immutable.</summary>
public sealed class Operator
{
    /// <summary>Makes an operator.</summary>
    /// <param name="name">A name, unique in its graph.</param>
    /// <param name="type">The ONNX operator type, such as "Conv".</param>
    /// <param name="inputs">Names of the input tensors; "" for an optional input that is left out.</param>
    /// <param name="outputs">Names of the output tensors; "" for an optional output that is left out.</param>
    /// <param name="attributes">Attributes that differ from the operator's defaults.</param>
    /// <param name="domain">The operator set's domain; "" is the ONNX standard.</param>
    public Operator(
        string name,
        string type,
        IReadOnlyList<string> inputs,
        IReadOnlyList<string> outputs,
        IReadOnlyDictionary<string, AttributeValue>? attributes = null,
        string domain = "")
    {
        Name = name;
        Type = type;
        Inputs = inputs;
        Outputs = outputs;
        Attributes = attributes ?? new Dictionary<string, AttributeValue>();
        Domain = domain;
    }

    /// <summary>A name, unique in its graph.</summary>
    public string Name { get; }

    /// <summary>The ONNX operator type, such as "Conv".</summary>
    public string Type { get; }

    /// <summary>The operator set's domain; "" is the ONNX standard.</summary>
    public string Domain { get; }

    /// <summary>Names of the input tensors; "" for an optional input that is left out.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>Names of the output tensors; "" for an optional output that is left out.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>The attributes that the model sets.</summary>
    public IReadOnlyDictionary<string, AttributeValue> Attributes { get; }

    /// <summary>Whether the input at this place is given.</summary>
    public bool HasInput(int index) => index < Inputs.Count && Inputs[index].Length > 0;

    /// <summary>An integer attribute, or the default where the model does not set it.</summary>
    public long GetInt(string name, long defaultValue) =>
        Attributes.GetValueOrDefault(name) is AttributeValue.Int value ? value.Value : defaultValue;

    /// <summary>A float attribute, or the default where the model does not set it.</summary>
    public float GetFloat(string name, float defaultValue) =>
        Attributes.GetValueOrDefault(name) is AttributeValue.Float value ? value.Value : defaultValue;

    /// <summary>A string attribute, or the default where the model does not set it.</summary>
    public string GetText(string name, string defaultValue) =>
        Attributes.GetValueOrDefault(name) is AttributeValue.Text value ? value.Value : defaultValue;

    /// <summary>An integer list attribute, or null where the model does not set it.</summary>
    public IReadOnlyList<long>? GetInts(string name) =>
        (Attributes.GetValueOrDefault(name) as AttributeValue.Ints)?.Values;

    /// <summary>This operator with other inputs, outputs or attributes.</summary>
    public Operator With(
        IReadOnlyList<string>? inputs = null,
        IReadOnlyList<string>? outputs = null,
        IReadOnlyDictionary<string, AttributeValue>? attributes = null,
        string? name = null) =>
        new(name ?? Name, Type, inputs ?? Inputs, outputs ?? Outputs, attributes ?? Attributes, Domain);

    /// <inheritdoc/>
    public override string ToString() => $"{Type} '{Name}'";
}

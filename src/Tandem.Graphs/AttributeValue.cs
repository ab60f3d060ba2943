namespace Tandem.Graphs;

/// <summary>The value of an operator's attribute; exactly one of the ONNX attribute kinds that the product reads.</summary>
public abstract record AttributeValue
{
    /// <summary>A 64-bit integer.</summary>
    public sealed record Int(long Value) : AttributeValue;

    /// <summary>A single-precision number.</summary>
    public sealed record Float(float Value) : AttributeValue;

    /// <summary>A UTF-8 string.</summary>
    public sealed record Text(string Value) : AttributeValue;

    /// <summary>A list of 64-bit integers.</summary>
    public sealed record Ints(IReadOnlyList<long> Values) : AttributeValue;

    /// <summary>A list of single-precision numbers.</summary>
    public sealed record Floats(IReadOnlyList<float> Values) : AttributeValue;

    /// <summary>A list of UTF-8 strings.</summary>
    public sealed record Texts(IReadOnlyList<string> Values) : AttributeValue;

    /// <summary>A tensor with its contents.</summary>
    public sealed record TensorValue(Constant Value) : AttributeValue;
}

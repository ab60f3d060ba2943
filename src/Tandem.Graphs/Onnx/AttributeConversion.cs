using System.Text;
using Google.Protobuf;
using Tandem.Graphs.Onnx.Wire;
using Kind = Tandem.Graphs.Onnx.Wire.AttributeProto.Types.AttributeType;

namespace Tandem.Graphs.Onnx;

/// <summary>Attributes between the wire format and <see cref="AttributeValue"/>.</summary>
internal static class AttributeConversion
{
    /// <summary>Whether the attribute holds a graph, as those of If, Loop and Scan do.</summary>
    public static bool IsGraph(AttributeProto proto) => proto.Type is Kind.Graph or Kind.Graphs || proto.HasG;

    /// <summary>The value of an attribute that holds no graph.</summary>
    /// <exception cref="InvalidModelException">The kind of attribute is not supported.</exception>
    public static AttributeValue Read(AttributeProto proto, string operatorName) => KindOf(proto) switch
    {
        Kind.Float => new AttributeValue.Float(proto.F),
        Kind.Int => new AttributeValue.Int(proto.I),
        Kind.String => new AttributeValue.Text(Encoding.UTF8.GetString(proto.S.Span)),
        Kind.Tensor when proto.T is not null =>
            new AttributeValue.TensorValue(TensorReader.Read(proto.T, $"{operatorName}.{proto.Name}")),
        Kind.Floats => new AttributeValue.Floats([.. proto.Floats]),
        Kind.Ints => new AttributeValue.Ints([.. proto.Ints]),
        Kind.Strings => new AttributeValue.Texts([.. proto.Strings.Select(s => Encoding.UTF8.GetString(s.Span))]),
        Kind kind => throw new InvalidModelException(
            $"attribute '{proto.Name}' of operator '{operatorName}' is of kind {kind}, which Tandem does not support"),
    };

    /// <summary>The wire form of an attribute.</summary>
    public static AttributeProto Write(string name, AttributeValue value)
    {
        var proto = new AttributeProto { Name = name };
        switch (value)
        {
            case AttributeValue.Float number:
                (proto.Type, proto.F) = (Kind.Float, number.Value);
                break;
            case AttributeValue.Int number:
                (proto.Type, proto.I) = (Kind.Int, number.Value);
                break;
            case AttributeValue.Text text:
                (proto.Type, proto.S) = (Kind.String, ByteString.CopyFromUtf8(text.Value));
                break;
            case AttributeValue.TensorValue tensor:
                (proto.Type, proto.T) = (Kind.Tensor, ModelWriter.WriteTensor(tensor.Value, ""));
                break;
            case AttributeValue.Floats numbers:
                proto.Type = Kind.Floats;
                proto.Floats.AddRange(numbers.Values);
                break;
            case AttributeValue.Ints numbers:
                proto.Type = Kind.Ints;
                proto.Ints.AddRange(numbers.Values);
                break;
            case AttributeValue.Texts texts:
                proto.Type = Kind.Strings;
                proto.Strings.AddRange(texts.Values.Select(ByteString.CopyFromUtf8));
                break;
            default:
                throw new ArgumentException($"attribute '{name}' is of an unknown kind", nameof(value));
        }
        return proto;
    }

    // Files of the first IR versions do not say the kind; the field that is set does.
    private static Kind KindOf(AttributeProto proto) => proto switch
    {
        { Type: not Kind.Undefined } => proto.Type,
        { HasF: true } => Kind.Float,
        { HasI: true } => Kind.Int,
        { HasS: true } => Kind.String,
        { T: not null } => Kind.Tensor,
        { Floats.Count: > 0 } => Kind.Floats,
        { Strings.Count: > 0 } => Kind.Strings,
        _ => Kind.Ints,
    };
}

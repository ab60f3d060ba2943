using System.Runtime.InteropServices;
using Google.Protobuf.Collections;
using Tandem.Graphs.Onnx.Wire;

namespace Tandem.Graphs.Onnx;

/// <summary>Turns serialized tensors into constants, without copying where the elements are stored as raw bytes.</summary>
internal static class TensorReader
{
    /// <summary>More elements than any tensor that can be held; guards products of dimensions against overflow.</summary>
    public const long MaximumElements = 1L << 40;

    /// <summary>Reads one tensor under the given name.</summary>
    /// <exception cref="InvalidModelException">Its type is not supported, or its contents do not fit its shape.</exception>
    public static Constant Read(TensorProto proto, string name)
    {
        if (proto.DataLocation == TensorProto.Types.DataLocation.External)
        {
            throw new InvalidModelException(
                $"tensor '{name}' keeps its contents in another file (external data), which Tandem does not read; " +
                "save the model as one file");
        }
        var tensor = new Tensor(name, SupportedType(proto.DataType, name), ReadShape(proto.Dims, name));
        ReadOnlyMemory<byte> data = proto.HasRawData ? proto.RawData.Memory : TypedData(proto, tensor);
        if (data.Length != tensor.SizeInBytes)
        {
            throw new InvalidModelException(
                $"tensor '{name}' has {data.Length} bytes, but {tensor.Type}{tensor.Shape} takes {tensor.SizeInBytes}; " +
                "the file is damaged");
        }
        return new Constant(tensor, data);
    }

    /// <summary>The element type for its number in the wire format.</summary>
    /// <exception cref="InvalidModelException">Tandem has no such element type.</exception>
    public static ElementType SupportedType(int number, string name) =>
        number != 0 && Enum.IsDefined((ElementType)number)
            ? (ElementType)number
            : throw new InvalidModelException(
                $"tensor '{name}' has element type {TypeName(number)}, which Tandem does not support");

    private static Shape ReadShape(RepeatedField<long> dimensions, string name)
    {
        long count = 1;
        foreach (long dimension in dimensions)
        {
            if (dimension < 0 || (dimension > 0 && count > MaximumElements / dimension))
            {
                throw new InvalidModelException(
                    $"tensor '{name}' has impossible dimensions [{string.Join(',', dimensions)}]; the file is damaged");
            }
            count = dimension == 0 ? count : count * dimension;
        }
        return new Shape([.. dimensions]);
    }

    private static ReadOnlyMemory<byte> TypedData(TensorProto proto, Tensor tensor) => tensor.Type switch
    {
        ElementType.Float32 => Bytes<float>([.. proto.FloatData]),
        ElementType.Float64 => Bytes<double>([.. proto.DoubleData]),
        ElementType.Int64 => Bytes<long>([.. proto.Int64Data]),
        ElementType.Int32 => Bytes<int>([.. proto.Int32Data]),
        ElementType.Float16 => Bytes(Narrowed(proto.Int32Data, v => unchecked((ushort)v))),
        _ => Bytes(Narrowed(proto.Int32Data, v => unchecked((byte)v))),
    };

    private static T[] Narrowed<T>(RepeatedField<int> values, Func<int, T> narrow) => [.. values.Select(narrow)];

    private static byte[] Bytes<T>(T[] elements) where T : unmanaged => MemoryMarshal.AsBytes(elements.AsSpan()).ToArray();

    private static string TypeName(int number) => number switch
    {
        0 => "undefined",
        4 => "uint16",
        5 => "int16",
        8 => "string",
        12 => "uint32",
        13 => "uint64",
        14 or 15 => "complex",
        16 => "bfloat16",
        >= 17 and <= 20 => "float8",
        21 => "uint4",
        22 => "int4",
        _ => "number " + number,
    };
}

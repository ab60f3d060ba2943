using Tandem.Graphs;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>Element types of tensors, numbered as in ONNX Runtime's C API (and in ONNX).</summary>
public enum TensorElementType
{
    /// <summary>Not set.</summary>
    DataTypeMax = 0,
    /// <summary>Single precision.</summary>
    Float = 1,
    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,
    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 3,
    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 4,
    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 5,
    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,
    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 7,
    /// <summary>Text.</summary>
    String = 8,
    /// <summary>Boolean, one byte.</summary>
    Bool = 9,
    /// <summary>Half precision.</summary>
    Float16 = 10,
    /// <summary>Double precision.</summary>
    Double = 11,
    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32 = 12,
    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64 = 13,
    /// <summary>Brain float, 16 bits.</summary>
    BFloat16 = 16,
}

/// <summary>Facts about element types.</summary>
internal static class TensorElementTypes
{
    /// <summary>The element type of a .NET type.</summary>
    /// <exception cref="NotSupportedException">Tensors have no such elements.</exception>
    public static TensorElementType Of<T>() where T : unmanaged => default(T) switch
    {
        float => TensorElementType.Float,
        byte => TensorElementType.UInt8,
        sbyte => TensorElementType.Int8,
        ushort => TensorElementType.UInt16,
        short => TensorElementType.Int16,
        int => TensorElementType.Int32,
        long => TensorElementType.Int64,
        bool => TensorElementType.Bool,
        Half => TensorElementType.Float16,
        double => TensorElementType.Double,
        uint => TensorElementType.UInt32,
        ulong => TensorElementType.UInt64,
        _ => throw new NotSupportedException($"a tensor cannot have elements of type {typeof(T).Name}"),
    };

    /// <summary>The same type as the graph's vocabulary names it; both number types as ONNX does.</summary>
    public static TensorElementType ToTensorElementType(this ElementType type) => (TensorElementType)(int)type;
}

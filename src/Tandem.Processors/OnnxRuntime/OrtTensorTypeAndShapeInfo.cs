using System.Runtime.InteropServices;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>The element type and shape of a tensor.</summary>
public sealed unsafe class OrtTensorTypeAndShapeInfo
{
    internal OrtTensorTypeAndShapeInfo(OrtApi api, nint info)
    {
        int type;
        api.Check(api.GetTensorElementType(info, &type));
        ElementDataType = (TensorElementType)type;
        nuint rank;
        api.Check(api.GetDimensionsCount(info, &rank));
        Shape = new long[rank];
        nint[] names = new nint[rank];
        fixed (long* dimensions = Shape)
        {
            api.Check(api.GetDimensions(info, dimensions, rank));
        }
        fixed (nint* symbols = names)
        {
            api.Check(api.GetSymbolicDimensions(info, (byte**)symbols, rank));
        }
        ElementCount = Shape.Aggregate(1L, (product, dimension) => product * dimension);
        SymbolicDimensions = [.. names.Select(name => Marshal.PtrToStringUTF8(name) ?? "")];
    }

    /// <summary>The type of the elements.</summary>
    public TensorElementType ElementDataType { get; }

    /// <summary>The dimensions, outermost first; -1 where the model leaves one open.</summary>
    public long[] Shape { get; }

    /// <summary>The name of each dimension that the model leaves open; "" for the others.</summary>
    public string[] SymbolicDimensions { get; }

    /// <summary>How many dimensions there are.</summary>
    public int DimensionsCount => Shape.Length;

    /// <summary>How many elements there are; meaningful where no dimension is open.</summary>
    public long ElementCount { get; }
}

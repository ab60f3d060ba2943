namespace Tandem.Processors.OnnxRuntime;

/// <summary>What a model says about one of its inputs or outputs.</summary>
public sealed class NodeMetadata
{
    internal NodeMetadata(OrtTensorTypeAndShapeInfo? tensor)
    {
        IsTensor = tensor is not null;
        ElementDataType = tensor?.ElementDataType ?? TensorElementType.DataTypeMax;
        Dimensions = [.. (tensor?.Shape ?? []).Select(dimension => checked((int)dimension))];
        SymbolicDimensions = tensor?.SymbolicDimensions ?? [];
    }

    /// <summary>Whether it is a tensor (sequences and maps are not).</summary>
    public bool IsTensor { get; }

    /// <summary>The type of the elements.</summary>
    public TensorElementType ElementDataType { get; }

    /// <summary>The dimensions, outermost first; -1 where the model leaves one open.</summary>
    public int[] Dimensions { get; }

    /// <summary>The name of each dimension that the model leaves open; "" for the others.</summary>
    public string[] SymbolicDimensions { get; }
}

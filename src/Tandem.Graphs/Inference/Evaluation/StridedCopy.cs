namespace Tandem.Graphs.Inference.Evaluation;

/// <summary>Reads elements of any size by strides into a densely packed array.</summary>
internal static class StridedCopy
{
    /// <summary>The elements at offset + index * strides, for every index of a shape in row-major order.</summary>
    /// <param name="source">Where they are.</param>
    /// <param name="offset">The first one, in elements.</param>
    /// <param name="strides">Steps in elements along each axis of the shape.</param>
    /// <param name="shape">How many are read along each axis.</param>
    public static byte[] Read(Constant source, long offset, long[] strides, Shape shape)
    {
        int size = source.Tensor.Type.SizeInBytes();
        byte[] result = new byte[shape.ElementCount * size];
        ReadOnlySpan<byte> data = source.Data.Span;
        var walk = new StridedWalk(shape, strides, offset);
        for (int i = 0; i < result.Length; i += size, walk.Advance())
        {
            data.Slice((int)walk.Offset * size, size).CopyTo(result.AsSpan(i));
        }
        return result;
    }
}

/// <summary>Walks the indices of a shape in row-major order and follows the element they are read from.</summary>
internal struct StridedWalk(Shape shape, long[] strides, long offset = 0)
{
    private readonly long[] _index = new long[shape.Rank];

    /// <summary>The element that belongs to the current index.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Goes on to the next index; after the last one, to the first.</summary>
    public void Advance()
    {
        for (int axis = _index.Length - 1; axis >= 0; axis--)
        {
            Offset += strides[axis];
            if (++_index[axis] < shape[axis])
            {
                return;
            }
            Offset -= strides[axis] * shape[axis];
            _index[axis] = 0;
        }
    }
}

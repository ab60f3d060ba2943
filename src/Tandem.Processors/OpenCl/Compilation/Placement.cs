using Tandem.Graphs;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Compilation;

/// <summary>Where a tensor lies when its slice is bound.</summary>
/// <param name="Memory">The memory object.</param>
/// <param name="Offset">The first element, in elements.</param>
/// <param name="Strides">Elements from one index to the next, for each axis.</param>
/// <param name="ReadableCount">Elements of the whole memory object, all of which kernels may read.</param>
internal sealed record Placement(MemoryHandle Memory, long Offset, long[] Strides, long ReadableCount)
{
    /// <summary>Elements from one image of a batch to the next.</summary>
    internal long BatchStride => Strides.Length > 0 ? Strides[0] : 0;

    /// <summary>Elements from one channel to the next.</summary>
    internal long ChannelStride => Strides.Length > 1 ? Strides[1] : 0;

    /// <summary>A densely packed tensor.</summary>
    internal static Placement Dense(MemoryHandle memory, long offset, Shape shape, long readableCount) =>
        new(memory, offset, StridesOf(shape), readableCount);

    /// <summary>The strides of a densely packed tensor.</summary>
    internal static long[] StridesOf(Shape shape)
    {
        var strides = new long[shape.Rank];
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            strides[axis] = shape.Product(axis + 1, shape.Rank);
        }
        return strides;
    }

    /// <summary>Whether a tensor of this shape, placed so, gives kernels what they need.</summary>
    internal bool Allows(TensorAccess access, Shape shape)
    {
        int firstDense = access switch { TensorAccess.Dense => 0, TensorAccess.Planes => 2, _ => shape.Rank };
        for (int axis = firstDense; axis < shape.Rank; axis++)
        {
            if (shape[axis] != 1 && Strides[axis] != shape.Product(axis + 1, shape.Rank))
            {
                return false;
            }
        }
        return true;
    }
}

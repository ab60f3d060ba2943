using Tandem.Graphs;

namespace Tandem.Processors;

/// <summary>A tensor, or a range of one, in shared memory.</summary>
/// <param name="Buffer">The memory.</param>
/// <param name="ByteOffset">Where in the buffer the whole tensor begins.</param>
/// <param name="Tensor">The whole tensor, densely packed in row-major order.</param>
/// <param name="Range">The range of it that is meant.</param>
public readonly record struct TensorView(SharedBuffer Buffer, long ByteOffset, Tensor Tensor, TensorRange Range)
{
    /// <summary>The shape of the range.</summary>
    public Shape Shape => Range.Of(Tensor.Shape);

    /// <summary>Whether the range lies in one piece.</summary>
    public bool IsContiguous => Range.IsContiguousIn(Tensor.Shape);

    /// <summary>How many equally long pieces the range lies in.</summary>
    public long PieceCount => Range.IsWhole ? 1 : Tensor.Shape.Product(0, Range.Axis);

    /// <summary>Bytes of one piece.</summary>
    public long PieceBytes => Shape.ElementCount * Tensor.Type.SizeInBytes() / Math.Max(1, PieceCount);

    /// <summary>Bytes from the start of one piece to the start of the next.</summary>
    public long PieceStrideBytes => Tensor.SizeInBytes / Math.Max(1, PieceCount);

    /// <summary>Where in the buffer the first piece begins.</summary>
    public long FirstPieceOffset => Range.IsWhole
        ? ByteOffset
        : ByteOffset + Range.From * Tensor.Shape.Product(Range.Axis + 1, Tensor.Shape.Rank) * Tensor.Type.SizeInBytes();
}

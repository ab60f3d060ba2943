namespace Tandem.Graphs.Slicing;

/// <summary>
/// Cuts a constant along an axis. Where the range is one piece of memory, the result shares it with the original.
/// </summary>
internal static class ConstantCut
{
    /// <summary>The range of the constant, under another name.</summary>
    public static Constant Cut(Constant constant, TensorRange range, string name)
    {
        Shape whole = constant.Tensor.Shape;
        Tensor tensor = constant.Tensor with { Name = name, Shape = range.Of(whole) };
        int elementSize = constant.Tensor.Type.SizeInBytes();
        int inner = checked((int)(whole.Product(range.Axis + 1, whole.Rank) * elementSize));
        int outer = checked((int)whole.Product(0, range.Axis));
        int stride = checked((int)whole[range.Axis] * inner);
        int start = checked((int)range.From * inner);
        int length = checked((int)(range.To - range.From) * inner);
        if (outer == 1)
        {
            return new Constant(tensor, constant.Data.Slice(start, length));
        }
        byte[] copy = GC.AllocateUninitializedArray<byte>(outer * length);
        for (int i = 0; i < outer; i++)
        {
            constant.Data.Span.Slice((i * stride) + start, length).CopyTo(copy.AsSpan(i * length));
        }
        return new Constant(tensor, copy);
    }
}

using Tandem.Graphs;

namespace Tandem.Processors;

/// <summary>Checks that views of memory fit the slice that is bound to them; every processor's Bind does so.</summary>
public static class SliceViews
{
    /// <summary>Checks number, types, shapes and extent of the views.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="inputs">One view for each input of the slice, in order.</param>
    /// <param name="outputs">One view for each output of the slice, in order.</param>
    /// <exception cref="ArgumentException">A view does not fit; the message says which and how.</exception>
    public static void Check(Graph slice, IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs)
    {
        Check(slice.Inputs, inputs, "input");
        Check(slice.Outputs, outputs, "output");
    }

    private static void Check(IReadOnlyList<Tensor> tensors, IReadOnlyList<TensorView> views, string role)
    {
        if (views.Count != tensors.Count)
        {
            throw new ArgumentException($"the slice has {tensors.Count} {role}s, but {views.Count} views are given");
        }
        for (int i = 0; i < views.Count; i++)
        {
            Check(tensors[i], views[i], $"{role} '{tensors[i].Name}'");
        }
    }

    private static void Check(Tensor tensor, TensorView view, string what)
    {
        if (view.Tensor.Type != tensor.Type || !view.Shape.Equals(tensor.Shape))
        {
            throw new ArgumentException(
                $"{what} is {tensor.Type}{tensor.Shape}, but its view is {view.Tensor.Type}{view.Shape}");
        }
        if (view.ByteOffset < 0 || view.ByteOffset + view.Tensor.SizeInBytes > view.Buffer.AllocatedBytes)
        {
            throw new ArgumentException(
                $"{what} lies at bytes {view.ByteOffset} to {view.ByteOffset + view.Tensor.SizeInBytes} of a buffer of "
                + $"{view.Buffer.AllocatedBytes} bytes");
        }
    }
}

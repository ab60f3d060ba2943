namespace Tandem.Graphs.Slicing;

/// <summary>
/// The window of a ConvTranspose, one entry per spatial axis, with automatic padding and output_shape resolved to
/// numbers. Input element i reaches output element i * stride - padBegin + tap * dilation.
/// </summary>
/// <param name="Kernel">Taps per axis.</param>
/// <param name="Strides">Output elements between input elements.</param>
/// <param name="Dilations">Output elements between taps.</param>
/// <param name="PadsBegin">Elements that are cut off before the first output element.</param>
/// <param name="PadsEnd">Elements that are cut off after the last output element.</param>
/// <param name="OutputPadding">Elements (bias only) that are added after the last one.</param>
public sealed record TransposedWindow(
    IReadOnlyList<long> Kernel,
    IReadOnlyList<long> Strides,
    IReadOnlyList<long> Dilations,
    IReadOnlyList<long> PadsBegin,
    IReadOnlyList<long> PadsEnd,
    IReadOnlyList<long> OutputPadding)
{
    /// <summary>Reads the window of a ConvTranspose operator in its graph.</summary>
    public static TransposedWindow Of(Operator op, Graph graph)
    {
        Shape input = graph.Tensors[op.Inputs[0]].Shape;
        Shape output = graph.Tensors[op.Outputs[0]].Shape;
        long[] kernel = [.. graph.Tensors[op.Inputs[1]].Shape.Skip(2)];
        int axes = kernel.Length;
        IReadOnlyList<long> strides = op.GetInts("strides") ?? [.. Enumerable.Repeat(1L, axes)];
        IReadOnlyList<long> dilations = op.GetInts("dilations") ?? [.. Enumerable.Repeat(1L, axes)];
        long[] extra = op.GetInts("output_padding")?.ToArray() ?? new long[axes];
        string mode = op.GetText("auto_pad", "NOTSET");
        long[] begin = new long[axes];
        long[] end = new long[axes];
        if (mode is "NOTSET" or "" && op.GetInts("output_shape") is not { Count: > 0 })
        {
            IReadOnlyList<long> pads = op.GetInts("pads") ?? new long[2 * axes];
            return new(kernel, strides, dilations, [.. pads.Take(axes)], [.. pads.Skip(axes)], extra);
        }
        for (int i = 0; i < axes; i++)
        {
            long made = ((input[i + 2] - 1) * strides[i]) + extra[i] + ((kernel[i] - 1) * dilations[i]) + 1;
            long cut = Math.Max(0, made - output[i + 2]);
            // ONNX: the odd element is cut at the end for SAME_UPPER, at the beginning otherwise.
            begin[i] = mode == "SAME_UPPER" ? cut / 2 : cut - (cut / 2);
            end[i] = cut - begin[i];
            extra[i] += Math.Max(0, output[i + 2] - made);
        }
        return new(kernel, strides, dilations, begin, end, extra);
    }
}

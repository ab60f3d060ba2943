using Tandem.Graphs;
using Tandem.Graphs.Inference;

namespace Tandem.Learning.Differentiation;

/// <summary>
/// How a convolution's window moves over the larger of its two images (the input of a Conv, the output of a ConvTranspose),
/// one entry per spatial axis.
/// </summary>
/// <param name="Kernel">Taps.</param>
/// <param name="Strides">Step of the window.</param>
/// <param name="Dilations">Distance between taps.</param>
/// <param name="Pads">Padding before the first element; what is behind the last follows from the extents.</param>
/// <param name="Groups">Groups of channels that are convolved apart.</param>
internal sealed record ConvolutionWindow(long[] Kernel, long[] Strides, long[] Dilations, long[] Pads, long Groups)
{
    /// <summary>How many spatial axes there are.</summary>
    public int Axes => Kernel.Length;

    /// <summary>The window of a Conv, AveragePool or MaxPool.</summary>
    public static ConvolutionWindow Of(Operator op, Tensor input, Tensor? weights)
    {
        var window = SlidingWindow.Of(op, [.. input.Shape.Skip(2)], weights is null ? null : [.. weights.Shape.Skip(2)]);
        return new ConvolutionWindow(
            [.. window.Kernel], [.. window.Strides], [.. window.Dilations], [.. window.PadsBegin], op.GetInt("group", 1));
    }

    /// <summary>The window of a ConvTranspose with explicit pads.</summary>
    /// <exception cref="DifferentiationException">The pads are automatic.</exception>
    public static ConvolutionWindow OfTransposed(Operator op, Tensor weights)
    {
        if (op.GetText("auto_pad", "NOTSET") is not ("NOTSET" or "") || op.GetInts("output_shape") is { Count: > 0 })
        {
            throw new DifferentiationException(op, "give its pads as numbers, not by auto_pad or output_shape");
        }
        long[] kernel = [.. weights.Shape.Skip(2)];
        long[] ones = [.. kernel.Select(_ => 1L)];
        return new ConvolutionWindow(
            kernel, [.. op.GetInts("strides") ?? ones], [.. op.GetInts("dilations") ?? ones],
            [.. (op.GetInts("pads") ?? [.. kernel.Select(_ => 0L)]).Take(kernel.Length)], op.GetInt("group", 1));
    }

    /// <summary>The extent that the dilated kernel covers along an axis.</summary>
    public long Reach(int axis) => ((Kernel[axis] - 1) * Dilations[axis]) + 1;

    /// <summary>
    /// What must be added behind the last element so that the window has exactly the given number of positions; negative where
    /// the last elements are not covered.
    /// </summary>
    /// <param name="axis">The spatial axis.</param>
    /// <param name="extent">The larger image's extent.</param>
    /// <param name="positions">The smaller image's extent.</param>
    public long PadBehind(int axis, long extent, long positions) =>
        ((positions - 1) * Strides[axis]) + Reach(axis) - extent - Pads[axis];
}

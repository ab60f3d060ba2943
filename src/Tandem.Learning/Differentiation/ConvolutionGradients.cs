using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>
/// The three operations that convolutions and their gradients are made of. A convolution maps a large image and weights to a
/// small image; from any two of the three follows the gradient of the third, and each is a convolution again.
/// </summary>
internal static class ConvolutionGradients
{
    /// <summary>The small image: a convolution of the large image.</summary>
    public static Tensor Small(GraphDraft draft, ConvolutionWindow window, Tensor large, Tensor weights, Shape small)
    {
        long[] behind = Behind(window, large.Shape, small);
        Tensor covered = draft.Pad(large, new long[large.Shape.Rank], [0, 0, .. behind.Select(b => Math.Min(b, 0))]);
        return Conv(
            draft, covered, weights, window.Strides, window.Dilations,
            [.. window.Pads, .. behind.Select(b => Math.Max(b, 0))], window.Groups);
    }

    /// <summary>The gradient of the large image: the small image's, spread by the weights.</summary>
    public static Tensor Large(GraphDraft draft, ConvolutionWindow window, Tensor small, Tensor weights, Shape large)
    {
        long[] behind = Behind(window, large, small.Shape);
        bool isPlain = window.Strides.All(s => s == 1)
            && Enumerable.Range(0, window.Axes).All(axis =>
                window.Pads[axis] < window.Reach(axis) && behind[axis] < window.Reach(axis) && behind[axis] >= 0);
        return isPlain
            ? Conv(
                draft, small, Mirrored(draft, window, weights), window.Strides, window.Dilations,
                [.. window.Pads.Select((pad, axis) => window.Reach(axis) - 1 - pad),
                 .. behind.Select((pad, axis) => window.Reach(axis) - 1 - pad)], window.Groups)
            : Transposed(draft, window, small, weights, behind);
    }

    /// <summary>
    /// The gradient of the weights: a convolution in which batch and channels have changed places, the small image takes the
    /// weights' part, and strides and dilations are exchanged.
    /// </summary>
    public static Tensor Weights(GraphDraft draft, ConvolutionWindow window, Tensor large, Tensor small, Shape weights)
    {
        long[] behind = Behind(window, large.Shape, small.Shape);
        Tensor covered = draft.Pad(large, new long[large.Shape.Rank], [0, 0, .. behind.Select(b => Math.Min(b, 0))]);
        Tensor made = Conv(
            draft, ChannelsFirst(draft, covered, window.Groups), draft.Transpose(small, Exchanged(small.Shape.Rank)),
            window.Dilations, window.Strides, [.. window.Pads, .. behind.Select(b => Math.Max(b, 0))], window.Groups);
        return draft.Transpose(made, Exchanged(made.Shape.Rank));
    }

    private static long[] Behind(ConvolutionWindow window, Shape large, Shape small) =>
        [.. Enumerable.Range(0, window.Axes).Select(axis => window.PadBehind(axis, large[axis + 2], small[axis + 2]))];

    private static Tensor Conv(
        GraphDraft draft, Tensor x, Tensor weights, long[] strides, long[] dilations, long[] pads, long groups) =>
        draft.Add(
            "Conv", [x, weights], ("kernel_shape", Expressions.Ints([.. weights.Shape.Skip(2)])),
            ("strides", Expressions.Ints(strides)), ("dilations", Expressions.Ints(dilations)),
            ("pads", Expressions.Ints(pads)), ("group", Expressions.Int(groups)));

    private static Tensor Transposed(
        GraphDraft draft, ConvolutionWindow window, Tensor small, Tensor weights, long[] behind)
    {
        // What no window covers is behind the output that the operator makes by itself; it can add less than a stride of it.
        long[] uncovered = [.. behind.Select(b => Math.Max(-b, 0))];
        long[] added = [.. uncovered.Select((u, axis) => Math.Min(u, window.Strides[axis] - 1))];
        Tensor made = draft.Add(
            "ConvTranspose", [small, weights], ("kernel_shape", Expressions.Ints(window.Kernel)),
            ("strides", Expressions.Ints(window.Strides)), ("dilations", Expressions.Ints(window.Dilations)),
            ("pads", Expressions.Ints([.. window.Pads, .. behind.Select(b => Math.Max(b, 0))])),
            ("output_padding", Expressions.Ints(added)), ("group", Expressions.Int(window.Groups)));
        return draft.Pad(made, new long[made.Shape.Rank], [0, 0, .. uncovered.Select((u, axis) => u - added[axis])]);
    }

    // Output channels, input channels per group, taps -> input channels, output channels per group, taps in reverse order.
    private static Tensor Mirrored(GraphDraft draft, ConvolutionWindow window, Tensor weights)
    {
        Shape shape = weights.Shape;
        long[] taps = [.. shape.Skip(2)];
        Tensor flipped = taps.All(t => t == 1)
            ? weights
            : draft.Flip(weights, [.. Enumerable.Range(2, taps.Length).Select(axis => (long)axis)]);
        if (window.Groups == 1)
        {
            return draft.Transpose(flipped, Exchanged(shape.Rank));
        }
        long outputs = shape[0] / window.Groups;
        Tensor grouped = draft.Reshape(flipped, new Shape([window.Groups, outputs, shape[1], .. taps]));
        Tensor exchanged = draft.Transpose(
            grouped, [0, 2, 1, .. Enumerable.Range(3, taps.Length).Select(axis => (long)axis)]);
        return draft.Reshape(exchanged, new Shape([window.Groups * shape[1], outputs, .. taps]));
    }

    // N, groups * channels, ... -> channels, groups * N, ...
    private static Tensor ChannelsFirst(GraphDraft draft, Tensor x, long groups)
    {
        if (groups == 1)
        {
            return draft.Transpose(x, Exchanged(x.Shape.Rank));
        }
        long channels = x.Shape[1] / groups;
        long[] extents = [.. x.Shape.Skip(2)];
        Tensor grouped = draft.Reshape(x, new Shape([x.Shape[0], groups, channels, .. extents]));
        Tensor exchanged = draft.Transpose(
            grouped, [2, 1, 0, .. Enumerable.Range(3, extents.Length).Select(axis => (long)axis)]);
        return draft.Reshape(exchanged, new Shape([channels, groups * x.Shape[0], .. extents]));
    }

    private static long[] Exchanged(int rank) => [1, 0, .. Enumerable.Range(2, rank - 2).Select(axis => (long)axis)];
}

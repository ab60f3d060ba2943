using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>
/// The gradient of a convolution's weights, by one blocked convolution: images take the place of channels, and the output's
/// gradient that of the weights. In the order [rows][columns][channels] a shift by one column is one by a block of channels, so that a
/// window dilated by it moves over all shifts and input channels in steps of one place.
/// </summary>
internal static class WeightGradient
{
    private const long Block = BlockedLayout.Block;
    // Two threads share output rows, whose number may be odd; so each takes one half of the images.
    private const long Halves = 2;

    /// <summary>Writes a convolution of two images whose batch and channels have changed places, where it is such a gradient.</summary>
    public static bool TryWrite(Operator op, BlockedWriter writer)
    {
        if (Exchanged(writer, op.Inputs[0]) is not string x || Exchanged(writer, op.Inputs[1]) is not string gradient
            || op.GetInt("group", 1) != 1 || !writer.CanBlock(gradient))
        {
            return false;
        }
        x = BeforeCut(writer, x, writer.Graph.Tensors[op.Outputs[0]].Shape[2]);
        Shape input = writer.Graph.Tensors[x].Shape;
        Shape output = writer.Graph.Tensors[gradient].Shape;
        Shape made = writer.Graph.Tensors[op.Outputs[0]].Shape;
        long stride = op.GetInts("dilations")?[0] ?? 1;
        long kernel = made[2];
        bool isImage = input[1] < Block && stride == 1;
        bool fits = input[0] % (Halves * Block) == 0 && (isImage || writer.CanBlock(x)) && made[3] == kernel && kernel is 1 or 3
            && (op.GetInts("dilations")?.All(d => d == stride) ?? true) && (op.GetInts("strides")?.All(s => s == 1) ?? true)
            && (op.GetInts("pads")?.Take(2).All(p => p == kernel / 2) ?? kernel == 1)
            && input[2] == input[3] && output[2] == output[3] && output[2] * stride == input[2];
        if (!fits)
        {
            return false;
        }
        var window = new Window(input[0], input[1], output[1], input[2], output[2], kernel, stride);
        Tensor images = isImage ? OfImages(writer, writer.Plain(x), window) : OfBlocks(writer, writer.Blocked(x), window);
        Tensor result = Convolve(writer, images, Filters(writer, writer.Blocked(gradient), window), window, isImage);
        writer.Draft.Add(new Operator(op.Name, "Reshape", [result.Name, writer.Draft.Integers(made.AsSpan()).Name], [op.Outputs[0]]));
        return true;
    }

    private static string? Exchanged(BlockedWriter writer, string tensor) =>
        writer.Graph.Producer(tensor) is { Type: "Transpose" } op && op.GetInts("perm") is { } order && order.SequenceEqual([1L, 0, 2, 3])
            ? op.Inputs[0]
            : null;

    // Rows and columns behind the last that a 1x1 window stops at are cut off beforehand; here they do not matter.
    private static string BeforeCut(BlockedWriter writer, string x, long kernel) =>
        kernel == 1 && writer.Graph.Producer(x) is { Type: "Pad" } pad && writer.Graph.Constants.TryGetValue(pad.Inputs[1], out Constant? pads)
        && pads.AsSpan<long>() is [0, 0, 0, 0, 0, 0, <= 0, <= 0]
            ? pad.Inputs[0]
            : x;

    // The gradient as filters over images: [halves * O][N / halves], blocked in both.
    private static Tensor Filters(BlockedWriter writer, Tensor gradient, Window window)
    {
        (long batch, long outputs, long extent) = (window.Batch, window.Outputs, window.Small);
        Tensor split = writer.Draft.Reshape(
            gradient, new Shape(Halves, batch / Block / Halves, Block, outputs / Block, extent * extent, Block));
        return writer.Draft.Reshape(
            Rows.Transpose(writer.Draft, split, 0, 3, 1, 4, 2), new Shape(Halves * outputs, batch / Halves, extent, extent));
    }

    // [N/16][rows, blocks of channels][columns, channels of a block][16 images], zeros left and right of the columns.
    private static Tensor OfBlocks(BlockedWriter writer, Tensor x, Window window)
    {
        GraphDraft draft = writer.Draft;
        long blocks = window.Inputs / Block;
        Tensor ordered = draft.Reshape(x, new Shape(window.Batch, blocks, window.Large, window.Large, Block));
        if (window.Used < window.Large)
        {
            long step = window.Large / window.Used;
            ordered = draft.Slice(ordered, [0, 0], [window.Large, window.Large], [2, 3], [step, step]);
        }
        if (blocks > 1)
        {
            Shape split = ordered.Shape;
            ordered = Rows.Transpose(
                draft, draft.Reshape(ordered, new Shape(split[0], split[1], split[2], split[3] * split[4])), 0, 2, 1);
        }
        return AsChannels(writer, ordered, window, window.Used * blocks, Block);
    }

    private static Tensor OfImages(BlockedWriter writer, Tensor x, Window window) =>
        AsChannels(writer, writer.Draft.Transpose(x, 0, 2, 3, 1), window, window.Large, window.Inputs);

    private static Tensor AsChannels(BlockedWriter writer, Tensor ordered, Window window, long rows, long side)
    {
        long columns = window.Used * side;
        if (window.Kernel > 1)
        {
            long right = window.Step == 1 ? side : 0;
            Tensor flat = writer.Draft.Reshape(ordered, new Shape(window.Batch * rows, columns));
            ordered = Rows.Join(writer.Draft, [(null, side), (flat, 0), (null, right)]);
            columns += side + right;
        }
        return writer.Add("ReorderInput", [writer.Draft.Reshape(ordered, new Shape(1, window.Batch, rows, columns))]);
    }

    // The result as I, O, rows, columns.
    private static Tensor Convolve(BlockedWriter writer, Tensor images, Tensor filters, Window window, bool isImage)
    {
        GraphDraft draft = writer.Draft;
        long blocks = isImage ? 1 : window.Inputs / Block;
        long side = isImage ? window.Inputs : Block;
        long above = window.Kernel / 2 * blocks;
        Tensor result = writer.Add(
            "Conv", [images, filters], ("kernel_shape", Expressions.Ints([window.Small, window.Small])),
            ("dilations", Expressions.Ints([blocks * window.Step, side * window.Step])),
            ("pads", Expressions.Ints([above, 0, window.Step == 1 ? above : 0, 0])), ("group", Expressions.Int(Halves)));
        Tensor sum = draft.ReduceSum(
            draft.Reshape(result, new Shape(Halves, window.Outputs / Block, window.Kernel, blocks, window.Kernel, side, Block)),
            [0], keepDimensions: false);
        return draft.Transpose(sum, 2, 4, 0, 5, 1, 3);
    }

    private sealed record Window(long Batch, long Inputs, long Outputs, long Large, long Small, long Kernel, long Stride)
    {
        // A 1x1 window sees only the pixels that it stops at.
        public long Step => Kernel == 1 ? 1 : Stride;

        public long Used => Small * Step;
    }
}

using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>
/// ConvTranspose in one group without dilation: a convolution of the image with zeros between its pixels, by weights turned by
/// 180 degrees.
/// </summary>
internal sealed class TransposedConvolutionRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["ConvTranspose"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        Tensor x = writer.Graph.Tensors[op.Inputs[0]];
        Tensor weights = writer.Graph.Tensors[op.Inputs[1]];
        if (op.GetInt("group", 1) != 1 || op.HasInput(2) || x.Shape.Rank != 4 || !writer.CanBlock(op.Inputs[0])
            || !writer.CanBlock(op.Outputs[0]) || op.GetInts("dilations")?.Any(d => d != 1) == true
            || op.GetText("auto_pad", "NOTSET") is not ("" or "NOTSET"))
        {
            return false;
        }
        var window = ConvolutionWindow.OfTransposed(op, weights);
        Shape large = writer.Graph.Tensors[op.Outputs[0]].Shape;
        long[] spread = [x.Shape[2] * window.Strides[0], x.Shape[3] * window.Strides[1]];
        long[] before = [.. window.Pads.Select((pad, axis) => window.Reach(axis) - 1 - pad)];
        long[] behind = [.. spread.Select((extent, axis) => large[axis + 2] - extent - before[axis] + window.Reach(axis) - 1)];
        if (before.Concat(behind).Any(pad => pad < 0))
        {
            return false;
        }
        GraphDraft draft = writer.Draft;
        Tensor turned = draft.Transpose(draft.Flip(writer.Plain(op.Inputs[1]), 2, 3), 1, 0, 2, 3);
        Tensor ordered = ConvolutionRule.BlockedWeights(writer, turned, isImage: false);
        bool isPoint = window.Kernel.All(k => k == 1) && before.Concat(behind).All(pad => pad == 0);
        Tensor image = writer.Blocked(op.Inputs[0]);
        Tensor made = writer.Add(
            "Conv", [isPoint ? image : Spread(draft, image, window.Strides), ordered],
            ("kernel_shape", Expressions.Ints(window.Kernel)), ("pads", Expressions.Ints([.. before, .. behind])));
        writer.Set(op.Outputs[0], isPoint ? Spread(draft, made, window.Strides) : made);
        return true;
    }

    // Rows of zeros behind each row, and zeros behind each pixel.
    private static Tensor Spread(GraphDraft draft, Tensor x, long[] strides)
    {
        (long batch, long channels, long rows, long columns) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        Tensor pixels = draft.Reshape(x, new Shape(batch * channels / BlockedLayout.Block * rows, 1, columns, BlockedLayout.Block));
        Tensor padded = draft.Pad(pixels, [0, 0, 0, 0], [0, strides[0] - 1, 0, (strides[1] - 1) * BlockedLayout.Block]);
        return draft.Reshape(padded, new Shape(batch, channels, rows * strides[0], columns * strides[1]));
    }
}

using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>
/// ConvTranspose in one group without dilation. With strides the output is made of interleaved grids of pixels, each of them a
/// convolution of the input by the taps that reach it, turned by 180 degrees: nothing is multiplied by zeros in between.
/// </summary>
internal sealed class TransposedConvolutionRule : IBlockedRule
{
    // Slice's end of a walk backwards that includes place 0.
    private const long BeforeFirst = long.MinValue + 1;

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
        Grid[]?[] grids = [.. Enumerable.Range(0, 2).Select(axis => Grid.Along(window, axis, x.Shape[axis + 2], large[axis + 2]))];
        if (grids is not [Grid[] rows, Grid[] columns])
        {
            return false;
        }
        Tensor turned = writer.Draft.Transpose(writer.Plain(op.Inputs[1]), 1, 0, 2, 3);
        Tensor image = writer.Blocked(op.Inputs[0]);
        writer.Set(op.Outputs[0], Interleave(
            writer.Draft, [.. rows.Select(row => columns.Select(column => Convolve(writer, image, turned, row, column)).ToArray())], large));
        return true;
    }

    private static Tensor? Convolve(BlockedWriter writer, Tensor image, Tensor weights, Grid row, Grid column)
    {
        if (row.Taps == 0 || column.Taps == 0)
        {
            return null;
        }
        GraphDraft draft = writer.Draft;
        Tensor taps = row.Kernel == 1 && column.Kernel == 1
            ? weights
            : draft.Slice(weights, [row.Last, column.Last], [BeforeFirst, BeforeFirst], [2, 3], [-row.Step, -column.Step]);
        return writer.Add(
            "Conv", [image, ConvolutionRule.BlockedWeights(writer, taps, isImage: false)],
            ("kernel_shape", Expressions.Ints([row.Taps, column.Taps])),
            ("pads", Expressions.Ints([row.PadBefore, column.PadBefore, row.PadBehind, column.PadBehind])));
    }

    // Pixels of each row side by side, then rows; a grid that no tap reaches is zero.
    private static Tensor Interleave(GraphDraft draft, Tensor?[][] grids, Shape large)
    {
        if (grids is [[Tensor only]])
        {
            return only;
        }
        const long Block = BlockedLayout.Block;
        long extent = large[3] * Block;
        (Tensor?, long)[] rows = [.. grids.Select(row => row.All(grid => grid is null)
            ? (default(Tensor), extent)
            : (draft.Reshape(
                row is [Tensor whole] ? whole : Rows.Join(draft, [.. row.Select(grid => (grid is null ? null : Flat(draft, grid), Block))]),
                new Shape(large.ElementCount / extent / grids.Length, extent)), 0L))];
        return draft.Reshape(rows is [(Tensor one, _)] ? one : Rows.Join(draft, rows), large);
    }

    private static Tensor Flat(GraphDraft draft, Tensor grid) =>
        draft.Reshape(grid, new Shape(grid.Shape.ElementCount / BlockedLayout.Block, BlockedLayout.Block));

    /// <summary>Every stride-th place of the output along an axis, and the taps that reach it, from the last to the first.</summary>
    private sealed record Grid(long Last, long Taps, long Step, long Kernel, long PadBefore, long PadBehind)
    {
        /// <summary>The grids along an axis; null where they are not of equal extent or would need negative padding.</summary>
        public static Grid[]? Along(ConvolutionWindow window, int axis, long small, long large)
        {
            (long stride, long kernel, long pad) = (window.Strides[axis], window.Kernel[axis], window.Pads[axis]);
            if (large % stride != 0)
            {
                return null;
            }
            var grids = new Grid[stride];
            for (long first = 0; first < stride; first++)
            {
                long lowest = (first + pad) % stride;
                long taps = lowest < kernel ? ((kernel - 1 - lowest) / stride) + 1 : 0;
                long last = lowest + ((taps - 1) * stride);
                long before = -((first + pad - last) / stride);
                long behind = (large / stride) - 1 + ((first + pad - lowest) / stride) - (small - 1);
                if (taps > 0 && (before < 0 || behind < 0))
                {
                    return null;
                }
                grids[first] = new Grid(last, taps, stride, kernel, before, behind);
            }
            return grids;
        }
    }
}

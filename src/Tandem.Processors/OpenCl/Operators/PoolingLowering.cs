using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>MaxPool and AveragePool over one or two axes.</summary>
internal sealed class PoolingLowering : IOperatorLowering
{
    /// <summary>The longest padded row that the kernel for CPU-backed devices takes (the macro ROW_LIMIT).</summary>
    private const int RowLimit = 4096;

    private const long ElementsPerItem = 512;

    private static readonly ProgramKey Program = new("pooling");

    public IEnumerable<string> Types => ["MaxPool", "AveragePool"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        if (x.Shape.Rank is not (3 or 4))
        {
            throw compiler.Refuse(op, $"pooling over {x.Shape.Rank - 2} axes is not supported, only over one or two");
        }
        if (op.Outputs.Count > 1 && op.Outputs[1].Length > 0
            && (compiler.IsOutput(op.Outputs[1]) || compiler.Graph.Consumers(op.Outputs[1]).Count > 0))
        {
            throw compiler.Refuse(op, "the indices of the maxima are not supported");
        }
        Emit(op, compiler, x, y, SlidingWindow.Of(op, compiler.Graph));
    }

    private static void Emit(Operator op, SliceCompiler compiler, TensorNode x, TensorNode y, SlidingWindow window)
    {
        Plane input = Plane.Of(x.Shape), output = Plane.Of(y.Shape);
        Plane kernel = Plane.Of(window.Kernel, 1), stride = Plane.Of(window.Strides, 1);
        Plane dilation = Plane.Of(window.Dilations, 1), begin = Plane.Of(window.PadsBegin, 0);
        bool maximum = op.Type == "MaxPool";
        ConstantSlot counts = compiler.Constants.Add(Counts(op, window, x.Shape, y.Shape));
        int width = Grids.VectorWidth(compiler.Device);
        long planes = x.Shape[0] * x.Shape[1];
        long padded = Grids.Blocks(output.Columns, width) * width * stride.Columns
            + (kernel.Columns - 1) * dilation.Columns + width;
        bool byRows = compiler.Device.IsCpuBacked
            && Math.Max(padded, begin.Columns + input.Columns) + 2 * width <= RowLimit;
        compiler.Add(new Launch(
            Program, byRows ? "pool_rows" : "pool", [TensorUse.Planes(x)], [TensorUse.Planes(y)], arguments =>
        {
            arguments.Planes(x).Planes(y);
            arguments.Ints(
                x.Shape[1], input.Rows, input.Columns, output.Rows, output.Columns, kernel.Rows, kernel.Columns,
                stride.Rows, stride.Columns, begin.Rows, begin.Columns, dilation.Rows, dilation.Columns, maximum ? 1 : 0);
            arguments.Constant(counts);
            if (byRows)
            {
                long rows = Math.Clamp(ElementsPerItem / output.Columns, 1, output.Rows);
                arguments.Ints(Math.Min(arguments.Place(x).ReadableCount, int.MaxValue - width), rows);
                arguments.SetGrid(Grids.Blocks(output.Rows, rows), planes);
            }
            else
            {
                arguments.SetGrid(Grids.Blocks(output.Columns, width), output.Rows, planes);
            }
        }));
    }

    /// <summary>How many columns, then how many rows, each output element counts: with padding, or without it.</summary>
    private static float[] Counts(Operator op, SlidingWindow window, Shape input, Shape output)
    {
        bool withPads = op.GetInt("count_include_pad", 0) != 0;
        int last = input.Rank - 3;
        float[] columns = [.. Enumerable.Range(0, (int)output[^1]).Select(i => Count(last, i))];
        return last == 0 ? [.. columns, 1] : [.. columns, .. Enumerable.Range(0, (int)output[^2]).Select(i => Count(0, i))];

        float Count(int axis, int index)
        {
            long extent = input[axis + 2], start = index * window.Strides[axis] - window.PadsBegin[axis];
            long end = withPads ? extent + window.PadsEnd[axis] : extent;
            long begin = withPads ? -window.PadsBegin[axis] : 0;
            int count = 0;
            for (long k = 0; k < window.Kernel[axis]; k++)
            {
                long place = start + k * window.Dilations[axis];
                count += place >= begin && place < end ? 1 : 0;
            }
            return Math.Max(1, count);
        }
    }
}

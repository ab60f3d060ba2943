using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Slice (with steps, also negative ones) and Crop.</summary>
internal sealed class SliceLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Slice", "Crop"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        ElementwiseLaunch.CheckRank(op, x.Shape, compiler);
        (long[] starts, long[] steps) = op.Type == "Crop" ? CropRange(op, x.Shape) : SliceRange(op, x.Shape, compiler);
        int[] cut = [.. Enumerable.Range(0, x.Shape.Rank).Where(axis => x.Shape[axis] != y.Shape[axis] || steps[axis] != 1)];
        if (cut.Length == 1 && steps[cut[0]] == 1)
        {
            SplitLowering.Take(compiler, x, y, cut[0], starts[cut[0]]);
            return;
        }
        ElementwiseLaunch.Copy(
            compiler,
            x,
            y,
            y.Shape,
            place =>
            {
                long offset = place.Offset;
                var strides = new long[starts.Length];
                for (int axis = 0; axis < starts.Length; axis++)
                {
                    offset += starts[axis] * place.Strides[axis];
                    strides[axis] = steps[axis] * place.Strides[axis];
                }
                return new View(place, offset, strides);
            },
            View.Of);
    }

    private static (long[] Starts, long[] Steps) CropRange(Operator op, Shape shape)
    {
        IReadOnlyList<long> border = op.GetInts("border") ?? [0, 0, 0, 0];
        return ([0, 0, border[1], border[0]], [.. shape.Select(_ => 1L)]);
    }

    private static (long[] Starts, long[] Steps) SliceRange(Operator op, Shape shape, SliceCompiler compiler)
    {
        IReadOnlyList<long> from = op.GetInts("starts") ?? compiler.ConstantInts(op, 1);
        IReadOnlyList<long> axes = op.GetInts("axes")
            ?? (op.HasInput(3) ? compiler.ConstantInts(op, 3) : [.. Enumerable.Range(0, from.Count).Select(i => (long)i)]);
        long[]? by = op.HasInput(4) ? compiler.ConstantInts(op, 4) : null;
        var starts = new long[shape.Rank];
        long[] steps = [.. shape.Select(_ => 1L)];
        for (int i = 0; i < axes.Count; i++)
        {
            int axis = (int)(axes[i] < 0 ? axes[i] + shape.Rank : axes[i]);
            steps[axis] = by?[i] ?? 1;
            long start = from[i] < 0 ? from[i] + shape[axis] : from[i];
            starts[axis] = Math.Clamp(start, 0, steps[axis] > 0 ? shape[axis] : shape[axis] - 1);
        }
        return (starts, steps);
    }
}

using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>ReduceMean and its kin over any axes: neighbouring axes at once, others one group after the other.</summary>
internal sealed class ReduceLowering : IOperatorLowering
{
    private static readonly ProgramKey Program = new("normalization");

    private static readonly Dictionary<string, ReduceFunction> Functions = new()
    {
        ["ReduceSum"] = ReduceFunction.Sum,
        ["ReduceMean"] = ReduceFunction.Sum,
        ["ReduceMax"] = ReduceFunction.Max,
        ["ReduceMin"] = ReduceFunction.Min,
        ["ReduceL1"] = ReduceFunction.SumOfAbsolutes,
        ["ReduceL2"] = ReduceFunction.SumOfSquares,
        ["ReduceSumSquare"] = ReduceFunction.SumOfSquares,
    };

    public IEnumerable<string> Types => Functions.Keys;

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        List<(int From, int To)> groups = Groups(Axes(op, x.Shape, compiler));
        if (groups.Count == 0)
        {
            compiler.Alias(x, y);
            return;
        }
        ReduceFunction function = Functions[op.Type];
        long total = x.Shape.ElementCount / y.Shape.ElementCount;
        for (int i = groups.Count - 1; i >= 0; i--)
        {
            bool first = i == groups.Count - 1, last = i == 0;
            Shape shape = Reduced(x.Shape, groups[i]);
            TensorNode to = last ? y : compiler.Scratch([.. shape]);
            ReduceFunction step = first || function is ReduceFunction.Max or ReduceFunction.Min ? function : ReduceFunction.Sum;
            float scale = last && op.Type == "ReduceMean" ? 1f / total : 1;
            Emit(compiler, x, to, groups[i], step, scale, last && op.Type == "ReduceL2");
            x = last ? x : to;
        }
    }

    private static void Emit(
        SliceCompiler compiler, TensorNode x, TensorNode y, (int From, int To) axes, ReduceFunction function, float scale, bool root)
    {
        long outer = x.Shape.Product(0, axes.From), count = x.Shape.Product(axes.From, axes.To);
        long inner = x.Shape.Product(axes.To, x.Shape.Rank);
        if (inner == 1)
        {
            GlobalPoolingLowering.EmitRows(compiler, x, y, outer, count, function, scale, root);
            return;
        }
        int width = Grids.VectorWidth(compiler.Device);
        compiler.Add(new Launch(Program, "reduce_columns", [TensorUse.Dense(x)], [TensorUse.Dense(y)], arguments =>
        {
            arguments.Tensor(x).Tensor(y).Ints(count, inner, (int)function).Float(scale).Int(root ? 1 : 0);
            arguments.SetGrid(Grids.Blocks(inner, width), outer);
        }));
    }

    private static List<int> Axes(Operator op, Shape shape, SliceCompiler compiler)
    {
        IReadOnlyList<long>? given = op.GetInts("axes") ?? (op.HasInput(1) ? compiler.ConstantInts(op, 1) : null);
        if (given is null or { Count: 0 })
        {
            return op.GetInt("noop_with_empty_axes", 0) != 0 ? [] : [.. Enumerable.Range(0, shape.Rank)];
        }
        return [.. given.Select(axis => (int)(axis < 0 ? axis + shape.Rank : axis)).Order()];
    }

    private static List<(int From, int To)> Groups(List<int> axes)
    {
        List<(int From, int To)> groups = [];
        foreach (int axis in axes)
        {
            if (groups.Count > 0 && groups[^1].To == axis)
            {
                groups[^1] = (groups[^1].From, axis + 1);
            }
            else
            {
                groups.Add((axis, axis + 1));
            }
        }
        return groups;
    }

    private static Shape Reduced(Shape shape, (int From, int To) axes)
    {
        for (int axis = axes.From; axis < axes.To; axis++)
        {
            shape = shape.With(axis, 1);
        }
        return shape;
    }
}

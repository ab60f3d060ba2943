using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Split: contiguous parts stay where they are; others are copied.</summary>
internal sealed class SplitLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Split"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        ElementwiseLaunch.CheckRank(op, x.Shape, compiler);
        int axis = (int)op.GetInt("axis", 0);
        axis = axis < 0 ? axis + x.Shape.Rank : axis;
        long from = 0;
        foreach (string output in op.Outputs)
        {
            if (output.Length > 0)
            {
                TensorNode y = compiler.Node(output);
                Take(compiler, x, y, axis, from);
            }
            from += output.Length > 0 ? compiler.ShapeOf(output)[axis] : 0;
        }
    }

    /// <summary>Makes a tensor the range of another along an axis, from an index on.</summary>
    internal static void Take(SliceCompiler compiler, TensorNode x, TensorNode y, int axis, long from)
    {
        if (x.Shape.Product(0, axis) == 1 && y.IsFree)
        {
            y.MakePartOf(x, axis, from);
            y.IsConstant = x.IsConstant;
            return;
        }
        ElementwiseLaunch.Copy(
            compiler,
            x,
            y,
            y.Shape,
            place => new View(place, place.Offset + from * place.Strides[axis], place.Strides),
            View.Of);
    }
}

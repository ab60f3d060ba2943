using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>
/// Concat: where the inputs are contiguous parts of the output, the kernels that make them write there; else they are copied.
/// </summary>
internal sealed class ConcatLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Concat"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode y = compiler.Node(op.Outputs[0]);
        ElementwiseLaunch.CheckRank(op, y.Shape, compiler);
        int axis = (int)op.GetInt("axis", 1);
        axis = axis < 0 ? axis + y.Shape.Rank : axis;
        bool contiguous = y.Shape.Product(0, axis) == 1;
        long from = 0;
        foreach (string input in op.Inputs)
        {
            TensorNode x = compiler.Node(input);
            if (x.Shape.ElementCount == 0)
            {
                continue;
            }
            if (contiguous && x.TryFree())
            {
                x.MakePartOf(y, axis, from);
            }
            else
            {
                CopyInto(compiler, x, y, axis, from);
            }
            from += x.Shape[axis];
        }
    }

    private static void CopyInto(SliceCompiler compiler, TensorNode x, TensorNode y, int axis, long from) =>
        ElementwiseLaunch.Copy(
            compiler,
            x,
            y,
            x.Shape,
            View.Of,
            place => new View(place, place.Offset + from * place.Strides[axis], place.Strides),
            writesPart: true);
}

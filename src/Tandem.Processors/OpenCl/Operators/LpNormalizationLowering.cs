using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>LpNormalization by the norms of order 1 and 2.</summary>
internal sealed class LpNormalizationLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["LpNormalization"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        int rank = x.Shape.Rank;
        int axis = (int)op.GetInt("axis", -1);
        axis = axis < 0 ? axis + rank : axis;
        SoftmaxLowering.Emit(
            compiler, "lp_normalize", x, compiler.Node(op.Outputs[0]),
            x.Shape.Product(0, axis), x.Shape[axis], x.Shape.Product(axis + 1, rank), (int)op.GetInt("p", 2));
    }
}

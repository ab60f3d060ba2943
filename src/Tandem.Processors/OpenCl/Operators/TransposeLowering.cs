using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Transpose of up to six dimensions.</summary>
internal sealed class TransposeLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Transpose"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        ElementwiseLaunch.CheckRank(op, x.Shape, compiler);
        int[] order = op.GetInts("perm") is { } perm
            ? [.. perm.Select(axis => (int)axis)]
            : [.. Enumerable.Range(0, x.Shape.Rank).Reverse()];
        IEnumerable<int> moving = order.Where(axis => x.Shape[axis] != 1);
        if (moving.SequenceEqual(moving.Order()))
        {
            compiler.Alias(x, y);
            return;
        }
        ElementwiseLaunch.Copy(
            compiler,
            x,
            y,
            y.Shape,
            place => new View(place, place.Offset, [.. order.Select(axis => place.Strides[axis])]),
            View.Of);
    }
}

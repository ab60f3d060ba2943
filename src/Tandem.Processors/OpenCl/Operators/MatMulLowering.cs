using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>MatMul, batched and broadcast as numpy does.</summary>
internal sealed class MatMulLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["MatMul"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        Shape left = compiler.ShapeOf(op.Inputs[0]), right = compiler.ShapeOf(op.Inputs[1]);
        if (compiler.TryConstant(op.Inputs[1]) is { } constant && right.Rank == 2 && left.Rank >= 2)
        {
            int channelAxis = compiler.ShapeOf(op.Outputs[0]).Rank - 1;
            FusedTail tail = compiler.Tail.Take(op, channelAxis, TailKinds.Scale);
            TensorNode a = compiler.Node(op.Inputs[0]);
            TensorNode y = compiler.Node(tail.Output);
            var weights = PackedMatrix.Of(constant, false, 1, null, tail);
            int rows = (int)left.Product(0, left.Rank - 1);
            compiler.EmitAt(tail.Last, op, () => weights.Emit(compiler, a, y, rows, tail.Activation));
            return;
        }
        FusedTail end = compiler.Tail.Take(op, 0, TailKinds.Activation);
        var product = new StridedProduct(
            compiler.Node(op.Inputs[0]), compiler.Node(op.Inputs[1]), compiler.Node(end.Output), false, false, 1);
        if (!product.IsSupported)
        {
            throw compiler.Refuse(op, $"operands {left} and {right} are not supported, only 2 to 4 dimensions");
        }
        compiler.EmitAt(end.Last, op, () => product.Emit(compiler, end.Activation));
    }
}

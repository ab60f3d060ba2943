using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>
/// Cast between single precision, which the kernels compute in, and half precision, which a slice's inputs and outputs may have.
/// </summary>
internal sealed class CastLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Cast"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        ElementwiseLaunch.CheckRank(op, x.Shape, compiler);
        ElementType from = compiler.Graph.Tensors[op.Inputs[0]].Type, to = compiler.Graph.Tensors[op.Outputs[0]].Type;
        if (from == to)
        {
            compiler.Alias(x, y);
            return;
        }
        compiler.Add(new Launch(
            ElementwiseLaunch.Program,
            from == ElementType.Float16 ? "from_half" : "to_half",
            [TensorUse.Strided(x)],
            [TensorUse.Strided(y)],
            arguments =>
        {
            View vx = View.Of(arguments.Place(x)), vy = View.Of(arguments.Place(y));
            var walk = ElementwiseWalk.Of(y.Shape, vx.Strides, vy.Strides);
            vx.Set(arguments, walk.Strides[0]);
            vy.Set(arguments, walk.Strides[1]);
            walk.Set(arguments, compiler.Device);
        }));
    }
}

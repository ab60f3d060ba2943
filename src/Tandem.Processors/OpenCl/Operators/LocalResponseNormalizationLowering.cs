using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>LRN across channels.</summary>
internal sealed class LocalResponseNormalizationLowering : IOperatorLowering
{
    private static readonly ProgramKey Program = new("normalization");

    public IEnumerable<string> Types => ["LRN"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        long plane = x.Shape.Product(2, x.Shape.Rank);
        int width = Grids.VectorWidth(compiler.Device);
        compiler.Add(new Launch(Program, "lrn", [TensorUse.Planes(x)], [TensorUse.Planes(y)], arguments =>
        {
            arguments.Planes(x).Planes(y).Ints(x.Shape[1], plane, op.GetInt("size", 1));
            arguments.Float(op.GetFloat("alpha", 1e-4f)).Float(op.GetFloat("beta", 0.75f)).Float(op.GetFloat("bias", 1));
            arguments.SetGrid(Grids.Blocks(plane, width), x.Shape[1], x.Shape[0]);
        }));
    }
}

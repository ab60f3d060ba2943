using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>InstanceNormalization with constant scale and bias, and an activation after it.</summary>
internal sealed class InstanceNormalizationLowering : IOperatorLowering
{
    private static readonly ProgramKey Program = new("normalization");

    public IEnumerable<string> Types => ["InstanceNormalization"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        ConstantSlot scale = compiler.Constants.Add(compiler.ConstantFloats(op, 1));
        ConstantSlot shift = compiler.Constants.Add(compiler.ConstantFloats(op, 2));
        FusedTail tail = compiler.Tail.Take(op, 1, TailKinds.Activation);
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(tail.Output);
        compiler.EmitAt(tail.Last, op, () => compiler.Add(new Launch(
            Program, "instance_norm", [TensorUse.Planes(x)], [TensorUse.Planes(y)], arguments =>
        {
            arguments.Planes(x).Planes(y).Constant(scale).Constant(shift);
            arguments.Ints(x.Shape[1], x.Shape.Product(2, x.Shape.Rank));
            arguments.Float(op.GetFloat("epsilon", 1e-5f)).Activation(tail.Activation);
            arguments.SetGrid(x.Shape[0] * x.Shape[1]);
        })));
    }
}

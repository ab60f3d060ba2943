using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Activations that no kernel before them could take over.</summary>
internal sealed class ActivationLowering : IOperatorLowering
{
    public IEnumerable<string> Types => Activations.Types;

    public void Lower(Operator op, SliceCompiler compiler)
    {
        Activation activation = Activations.TryRead(op, compiler)
            ?? throw compiler.Refuse(op, "its bounds are computed at run time, but must be constant");
        TensorNode x = compiler.Node(op.Inputs[0]);
        ElementwiseLaunch.CheckRank(op, x.Shape, compiler);
        ElementwiseLaunch.Activate(compiler, x, compiler.Node(op.Outputs[0]), activation);
    }
}

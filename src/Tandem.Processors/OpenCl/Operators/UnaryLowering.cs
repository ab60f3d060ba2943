using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Functions of one argument; numbered as in elementwise.cl.</summary>
internal sealed class UnaryLowering : IOperatorLowering
{
    private static readonly Dictionary<string, int> Functions = new()
    {
        ["Exp"] = 1,
        ["Sqrt"] = 2,
        ["Neg"] = 3,
        ["Abs"] = 4,
        ["Log"] = 5,
        ["Reciprocal"] = 6,
        ["Floor"] = 7,
        ["Ceil"] = 8,
        ["Softplus"] = 9,
        ["Softsign"] = 10,
    };

    public IEnumerable<string> Types => Functions.Keys;

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        ElementwiseLaunch.CheckRank(op, x.Shape, compiler);
        ElementwiseLaunch.Map(compiler, x, compiler.Node(op.Outputs[0]), Functions[op.Type]);
    }
}

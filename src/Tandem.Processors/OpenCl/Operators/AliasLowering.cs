using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Operators that leave the elements as they are: they cost nothing.</summary>
internal sealed class AliasLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Reshape", "Flatten", "Identity", "Dropout", "Squeeze", "Unsqueeze"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        if (op.Outputs.Skip(1).Any(mask =>
            mask.Length > 0 && (compiler.IsOutput(mask) || compiler.Graph.Consumers(mask).Count > 0)))
        {
            throw compiler.Refuse(op, "its second output is not supported");
        }
        if (compiler.TryConstant(op.Inputs[0]) is { } constant && !compiler.IsOutput(op.Outputs[0]))
        {
            compiler.SetConstant(
                op.Outputs[0],
                new Constant(constant.Tensor with { Name = op.Outputs[0], Shape = compiler.ShapeOf(op.Outputs[0]) }, constant.Data));
            return;
        }
        compiler.Alias(compiler.Node(op.Inputs[0]), compiler.Node(op.Outputs[0]));
    }
}

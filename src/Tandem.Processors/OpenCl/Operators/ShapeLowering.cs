using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Operators whose value is known when the slice is compiled: Constant, and Shape, as shapes are static.</summary>
internal sealed class ShapeLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Constant", "Shape"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        string output = op.Outputs[0];
        if (op.Type == "Shape")
        {
            Shape shape = compiler.ShapeOf(op.Inputs[0]);
            long length = compiler.ShapeOf(output).ElementCount;
            long start = op.GetInt("start", 0);
            start = Math.Clamp(start < 0 ? start + shape.Rank : start, 0, shape.Rank);
            long[] values = [.. shape.Skip((int)start).Take((int)length)];
            compiler.SetConstant(output, Constant.Of<long>(output, ElementType.Int64, new Shape(length), values));
            return;
        }
        if (op.Attributes.GetValueOrDefault("value") is not AttributeValue.TensorValue { Value: var value })
        {
            throw compiler.Refuse(op, "its value is not given as a tensor");
        }
        compiler.SetConstant(output, new Constant(value.Tensor with { Name = output }, value.Data));
    }
}

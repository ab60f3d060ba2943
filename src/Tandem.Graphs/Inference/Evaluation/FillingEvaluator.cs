using System.Runtime.InteropServices;
using Tandem.Graphs.Inference.Rules;

namespace Tandem.Graphs.Inference.Evaluation;

/// <summary>Constant, ConstantOfShape and Range: what makes tensors from nothing but numbers.</summary>
internal sealed class FillingEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Constant", "ConstantOfShape", "Range"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs) =>
        context.Operator.Type switch
        {
            "Constant" => [new Constant(outputs[0], ConstantRule.Contents(context).Data)],
            "ConstantOfShape" => [Filled(outputs[0], ConstantOfShapeRule.Filling(context))],
            _ => Counted(context, outputs[0]) is Constant numbers ? [numbers] : null,
        };

    private static Constant Filled(Tensor output, Constant? value)
    {
        if (value is null)
        {
            return new Constant(output, new byte[output.SizeInBytes]);
        }
        // Weights of whole networks are made here, so that each byte is written only once.
        byte[] data = GC.AllocateUninitializedArray<byte>((int)output.SizeInBytes);
        switch (output.Type.SizeInBytes())
        {
            case 1:
                data.AsSpan().Fill(value.AsSpan<byte>()[0]);
                break;
            case 2:
                MemoryMarshal.Cast<byte, short>(data.AsSpan()).Fill(value.AsSpan<short>()[0]);
                break;
            case 4:
                MemoryMarshal.Cast<byte, int>(data.AsSpan()).Fill(value.AsSpan<int>()[0]);
                break;
            default:
                MemoryMarshal.Cast<byte, long>(data.AsSpan()).Fill(value.AsSpan<long>()[0]);
                break;
        }
        return new Constant(output, data);
    }

    private static Constant? Counted(OperatorContext context, Tensor output)
    {
        double start = RangeRule.Number(context, 0);
        double delta = RangeRule.Number(context, 2);
        double[] numbers = [.. Enumerable.Range(0, (int)output.Shape.ElementCount).Select(i => start + (i * delta))];
        return output.Type switch
        {
            ElementType.Int64 => Constant.Of<long>(output.Name, output.Type, output.Shape, [.. numbers.Select(n => (long)n)]),
            ElementType.Int32 => Constant.Of<int>(output.Name, output.Type, output.Shape, [.. numbers.Select(n => (int)n)]),
            ElementType.Float32 => Constant.Of<float>(output.Name, output.Type, output.Shape, [.. numbers.Select(n => (float)n)]),
            _ => null,
        };
    }
}

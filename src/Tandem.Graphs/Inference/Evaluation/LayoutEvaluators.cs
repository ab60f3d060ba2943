using Tandem.Graphs.Inference.Rules;

namespace Tandem.Graphs.Inference.Evaluation;

/// <summary>Shape and Size, which need no contents.</summary>
internal sealed class ShapeEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Shape", "Size"];

    public bool ReadsContents => false;

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        long[] elements = context.Operator.Type == "Shape"
            ? ShapeRule.Dimensions(context)
            : [context.Shape(0).ElementCount];
        return [Constant.Of<long>(outputs[0].Name, outputs[0].Type, outputs[0].Shape, elements)];
    }
}

/// <summary>Operators that leave the elements where they are.</summary>
internal sealed class ViewEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs) =>
        context.Value(0) is Constant value ? [new Constant(outputs[0], value.Data)] : null;
}

/// <summary>Concat.</summary>
internal sealed class ConcatEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Concat"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        Tensor output = outputs[0];
        int axis = context.Axis(context.Operator.GetInt("axis", 1), output.Shape.Rank);
        int rows = (int)output.Shape.Product(0, axis);
        byte[] result = new byte[output.SizeInBytes];
        int rowBytes = rows == 0 ? 0 : result.Length / rows;
        int place = 0;
        for (int i = 0; i < context.Operator.Inputs.Count; i++)
        {
            ReadOnlySpan<byte> source = context.Value(i)!.Data.Span;
            int partBytes = rows == 0 ? 0 : source.Length / rows;
            for (int row = 0; row < rows; row++)
            {
                source.Slice(row * partBytes, partBytes).CopyTo(result.AsSpan((row * rowBytes) + place));
            }
            place += partBytes;
        }
        return [new Constant(output, result)];
    }
}

/// <summary>Split.</summary>
internal sealed class SplitEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Split"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        Shape input = context.Shape(0);
        int axis = context.Axis(context.Operator.GetInt("axis", 0), input.Rank);
        long inner = input.Product(axis + 1, input.Rank);
        long[] strides = Broadcasting.PackedStrides(input);
        var parts = new List<Constant>(outputs.Count);
        long from = 0;
        foreach (Tensor output in outputs)
        {
            byte[] data = StridedCopy.Read(context.Value(0)!, from * inner, strides, output.Shape);
            parts.Add(new Constant(output, data));
            from += output.Shape[axis];
        }
        return parts;
    }
}

/// <summary>Gather.</summary>
internal sealed class GatherEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Gather"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        Shape input = context.Shape(0);
        int axis = context.Axis(context.Operator.GetInt("axis", 0), input.Rank);
        IReadOnlyList<long> indices = context.Integers(1)!;
        int blockBytes = (int)input.Product(axis + 1, input.Rank) * context.Type(0).SizeInBytes();
        ReadOnlySpan<byte> source = context.Value(0)!.Data.Span;
        byte[] result = new byte[outputs[0].SizeInBytes];
        Span<byte> rest = result;
        for (int row = 0; row < (int)input.Product(0, axis); row++)
        {
            foreach (long index in indices)
            {
                long place = (row * input[axis]) + context.Axis(index, (int)input[axis]);
                source.Slice((int)place * blockBytes, blockBytes).CopyTo(rest);
                rest = rest[blockBytes..];
            }
        }
        return [new Constant(outputs[0], result)];
    }
}

/// <summary>Operators that read their input by other strides: Slice, Transpose, Expand.</summary>
internal sealed class StridedEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Slice", "Transpose", "Expand"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        Constant source = context.Value(0)!;
        long[] packed = Broadcasting.PackedStrides(context.Shape(0));
        long offset = 0;
        long[] strides;
        switch (context.Operator.Type)
        {
            case "Slice":
                SliceRule.Range[] ranges = SliceRule.Ranges(context);
                offset = packed.Zip(ranges, (stride, range) => stride * range.Start).Sum();
                strides = [.. packed.Zip(ranges, (stride, range) => range.Extent <= 1 ? 0 : stride * range.Step)];
                break;
            case "Transpose":
                strides = [.. TransposeRule.Permutation(context).Select(axis => packed[axis])];
                break;
            default:
                strides = Broadcasting.Strides(context.Shape(0), outputs[0].Shape.AsSpan());
                break;
        }
        return [new Constant(outputs[0], StridedCopy.Read(source, offset, strides, outputs[0].Shape))];
    }
}

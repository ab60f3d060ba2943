namespace Tandem.Graphs.Inference.Rules;

/// <summary>Shape: the dimensions of its input, since opset 15 also a part of them.</summary>
internal sealed class ShapeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Shape"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) =>
        [context.Output(ElementType.Int64, Dimensions(context).LongLength)];

    /// <summary>The dimensions that the operator yields.</summary>
    public static long[] Dimensions(OperatorContext context)
    {
        Shape input = context.Shape(0);
        long start = Clamped(context.Operator.GetInt("start", 0), input.Rank);
        long end = Clamped(context.Operator.GetInt("end", input.Rank), input.Rank);
        return [.. input.Skip((int)start).Take((int)Math.Max(0, end - start))];
    }

    private static long Clamped(long index, int rank) => Math.Clamp(index < 0 ? index + rank : index, 0, rank);
}

/// <summary>Size: the number of elements.</summary>
internal sealed class SizeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Size"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) =>
        context.HasInput(0) ? [new(ElementType.Int64, Shape.Scalar)] : throw context.Error("input 0 is missing");
}

/// <summary>Constant: a tensor, or since opset 12 also a number or a list.</summary>
internal sealed class ConstantRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Constant"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Tensor tensor = Contents(context).Tensor;
        return [new(tensor.Type, tensor.Shape)];
    }

    /// <summary>The contents, under the attribute's name.</summary>
    /// <exception cref="InvalidModelException">No attribute holds any, or strings.</exception>
    public static Constant Contents(OperatorContext context)
    {
        IReadOnlyDictionary<string, AttributeValue> attributes = context.Operator.Attributes;
        return attributes.Count == 1 ? attributes.Single().Value switch
        {
            AttributeValue.TensorValue tensor => tensor.Value,
            AttributeValue.Int number => Constant.Of("", ElementType.Int64, Shape.Scalar, [number.Value]),
            AttributeValue.Float number => Constant.Of("", ElementType.Float32, Shape.Scalar, [number.Value]),
            AttributeValue.Ints list =>
                Constant.Of<long>("", ElementType.Int64, new Shape(list.Values.Count), list.Values.ToArray()),
            AttributeValue.Floats list =>
                Constant.Of<float>("", ElementType.Float32, new Shape(list.Values.Count), list.Values.ToArray()),
            _ => throw context.Error("its contents are text, which Tandem does not support"),
        }
        : throw context.Error("it must have exactly one attribute with its contents");
    }
}

/// <summary>ConstantOfShape: one value throughout.</summary>
internal sealed class ConstantOfShapeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["ConstantOfShape"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) =>
        [context.Output(
            Filling(context)?.Tensor.Type ?? ElementType.Float32,
            [.. context.Integers(0) ?? throw context.Error("input 0 is missing")])];

    /// <summary>The value, in a tensor of one element; null for a float zero.</summary>
    /// <exception cref="InvalidModelException">The tensor has more or fewer elements.</exception>
    public static Constant? Filling(OperatorContext context)
    {
        var value = (context.Operator.Attributes.GetValueOrDefault("value") as AttributeValue.TensorValue)?.Value;
        return value is null || value.Tensor.Shape.ElementCount == 1
            ? value
            : throw context.Error("attribute 'value' must have one element");
    }
}

/// <summary>Cast to the element type of an attribute.</summary>
internal sealed class CastRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Cast"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        long number = context.Operator.GetInt("to", 0);
        return number is > 0 and <= int.MaxValue && Enum.IsDefined((ElementType)number)
            ? [new((ElementType)number, context.Shape(0))]
            : throw context.Error($"it casts to element type {number}, which Tandem does not support");
    }
}

/// <summary>Range: numbers from start to limit by delta.</summary>
internal sealed class RangeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Range"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        double start = Number(context, 0);
        double limit = Number(context, 1);
        double delta = Number(context, 2);
        double count = Math.Ceiling((limit - start) / delta);
        return count is <= int.MaxValue
            ? [context.Output(context.Type(0), (long)Math.Max(0, count))]
            : throw context.Error("it has no end");
    }

    /// <summary>A scalar input's value.</summary>
    /// <exception cref="InvalidModelException">It is not known or is no number.</exception>
    public static double Number(OperatorContext context, int index)
    {
        if (context.Input(index).Shape.ElementCount != 1)
        {
            throw context.Error($"input {context.Input(index)} must be one number");
        }
        return context.Type(index) is ElementType.Float32 or ElementType.Float16
            ? context.Floats(index)![0]
            : context.Integers(index)![0];
    }
}

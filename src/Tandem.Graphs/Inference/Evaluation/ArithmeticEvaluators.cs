using System.Numerics;

namespace Tandem.Graphs.Inference.Evaluation;

/// <summary>Arithmetic of two or more inputs with broadcasting.</summary>
internal sealed class ArithmeticEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs) => outputs[0].Type switch
    {
        ElementType.Float32 => [Compute<float>(context, outputs[0])],
        ElementType.Int64 => [Compute<long>(context, outputs[0])],
        ElementType.Int32 => [Compute<int>(context, outputs[0])],
        _ => null,
    };

    private static Constant Compute<T>(OperatorContext context, Tensor output) where T : unmanaged, INumber<T>
    {
        Func<T, T, T> function = Function<T>(context.Operator.Type);
        T[] result = Elementwise.Broadcast<T>(context.Value(0)!, output.Shape);
        for (int input = 1; input < context.Operator.Inputs.Count; input++)
        {
            T[] other = Elementwise.Broadcast<T>(context.Value(input)!, output.Shape);
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = function(result[i], other[i]);
            }
        }
        return Constant.Of<T>(output.Name, output.Type, output.Shape, result);
    }

    private static Func<T, T, T> Function<T>(string type) where T : INumber<T> => type switch
    {
        "Add" or "Sum" => (a, b) => a + b,
        "Sub" => (a, b) => a - b,
        "Mul" => (a, b) => a * b,
        "Div" => (a, b) => a / b,
        "Max" => T.Max,
        _ => T.Min,
    };
}

/// <summary>Comparisons with broadcasting.</summary>
internal sealed class ComparisonEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs) => context.Type(0) switch
    {
        ElementType.Float32 => [Compute<float>(context, outputs[0])],
        ElementType.Int64 => [Compute<long>(context, outputs[0])],
        ElementType.Int32 => [Compute<int>(context, outputs[0])],
        _ => null,
    };

    private static Constant Compute<T>(OperatorContext context, Tensor output) where T : unmanaged, INumber<T>
    {
        T[] first = Elementwise.Broadcast<T>(context.Value(0)!, output.Shape);
        T[] second = Elementwise.Broadcast<T>(context.Value(1)!, output.Shape);
        bool[] result = [.. first.Zip(second, (a, b) => context.Operator.Type switch
        {
            "Equal" => a == b,
            "Less" => a < b,
            "LessOrEqual" => a <= b,
            "Greater" => a > b,
            _ => a >= b,
        })];
        return Constant.Of<bool>(output.Name, output.Type, output.Shape, result);
    }
}

/// <summary>Where, on elements of any type.</summary>
internal sealed class WhereEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Where"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        Shape shape = outputs[0].Shape;
        byte[] conditions = Elementwise.BroadcastBytes(context.Value(0)!, shape);
        byte[] result = Elementwise.BroadcastBytes(context.Value(2)!, shape);
        byte[] chosen = Elementwise.BroadcastBytes(context.Value(1)!, shape);
        int size = outputs[0].Type.SizeInBytes();
        for (int i = 0; i < conditions.Length; i++)
        {
            if (conditions[i] != 0)
            {
                chosen.AsSpan(i * size, size).CopyTo(result.AsSpan(i * size));
            }
        }
        return [new Constant(outputs[0], result)];
    }
}

/// <summary>Functions of one number.</summary>
internal sealed class UnaryEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Neg", "Abs", "Sqrt", "Exp", "Floor", "Ceil", "Reciprocal"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        Constant input = context.Value(0)!;
        string type = context.Operator.Type;
        return (outputs[0].Type, type) switch
        {
            (ElementType.Float32, _) => [Map(input, outputs[0], Function(type))],
            (ElementType.Int64, "Neg") => [Map<long>(input, outputs[0], v => -v)],
            (ElementType.Int64, "Abs") => [Map<long>(input, outputs[0], Math.Abs)],
            (ElementType.Int32, "Neg") => [Map<int>(input, outputs[0], v => -v)],
            (ElementType.Int32, "Abs") => [Map<int>(input, outputs[0], Math.Abs)],
            _ => null,
        };
    }

    private static Constant Map<T>(Constant input, Tensor output, Func<T, T> function) where T : unmanaged
    {
        T[] elements = input.AsSpan<T>().ToArray();
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = function(elements[i]);
        }
        return Constant.Of<T>(output.Name, output.Type, output.Shape, elements);
    }

    private static Func<float, float> Function(string type) => type switch
    {
        "Neg" => v => -v,
        "Abs" => MathF.Abs,
        "Sqrt" => MathF.Sqrt,
        "Exp" => MathF.Exp,
        "Floor" => MathF.Floor,
        "Ceil" => MathF.Ceiling,
        _ => v => 1 / v,
    };
}

/// <summary>Repeats operands to the shape of the result.</summary>
internal static class Elementwise
{
    /// <summary>The elements of a constant, broadcast to a shape, in an array of their own.</summary>
    public static T[] Broadcast<T>(Constant value, Shape shape) where T : unmanaged
    {
        ReadOnlySpan<T> source = value.AsSpan<T>();
        if (source.Length == shape.ElementCount)
        {
            return source.ToArray();
        }
        var result = new T[shape.ElementCount];
        var walk = new StridedWalk(shape, Broadcasting.Strides(value.Tensor.Shape, shape.AsSpan()));
        for (int i = 0; i < result.Length; i++, walk.Advance())
        {
            result[i] = source[(int)walk.Offset];
        }
        return result;
    }

    /// <summary>The same for elements of any type, as bytes.</summary>
    public static byte[] BroadcastBytes(Constant value, Shape shape) =>
        StridedCopy.Read(value, 0, Broadcasting.Strides(value.Tensor.Shape, shape.AsSpan()), shape);
}

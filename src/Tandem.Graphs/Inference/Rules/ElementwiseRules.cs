namespace Tandem.Graphs.Inference.Rules;

/// <summary>Operators whose one output is like their first input.</summary>
internal sealed class UnaryRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } =
    [
        "Relu", "LeakyRelu", "ThresholdedRelu", "Elu", "Selu", "Celu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Softplus",
        "Softsign", "Gelu", "Mish", "Erf", "Exp", "Log", "Sqrt", "Reciprocal", "Neg", "Abs", "Sign", "Floor", "Ceil", "Round",
        "Sin", "Cos", "Identity", "Clip", "Softmax", "LogSoftmax", "Hardmax",
        // Experimental operators of early versions, which ONNX Runtime still runs.
        "Affine", "ScaledTanh", "ParametricSoftplus", "ImageScaler",
    ];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) => [context.Like(0)];
}

/// <summary>PRelu: the slope is broadcast to the input, never the other way round.</summary>
internal sealed class PReluRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["PRelu"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        context.RequireSameType(0, 1);
        long[] shape = Broadcasting.CombineInputs(context, 0, 2);
        return context.Shape(0).AsSpan().SequenceEqual(shape)
            ? [context.Like(0)]
            : throw context.Error($"slope {context.Input(1)} cannot be broadcast to {context.Input(0)}");
    }
}

/// <summary>Arithmetic with multidirectional broadcasting, of two inputs or of any number.</summary>
internal sealed class BroadcastRule : IOperatorRule
{
    private static readonly string[] Variadic = ["Max", "Min", "Sum", "Mean"];

    public IReadOnlyList<string> Types { get; } = ["Add", "Sub", "Mul", "Div", "Mod", "Pow", "And", "Or", "Xor", .. Variadic];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        int count = context.Operator.Inputs.Count;
        if (count != 2 && !Variadic.Contains(context.Operator.Type))
        {
            throw context.Error($"it must have two inputs, not {count}");
        }
        for (int i = 1; i < count && context.Operator.Type != "Pow"; i++)
        {
            context.RequireSameType(0, i);
        }
        return [context.Output(context.Type(0), Broadcasting.CombineInputs(context, 0, count))];
    }
}

/// <summary>Comparisons with multidirectional broadcasting.</summary>
internal sealed class ComparisonRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        context.RequireSameType(0, 1);
        return [context.Output(ElementType.Boolean, Broadcasting.CombineInputs(context, 0, 2))];
    }
}

/// <summary>Not.</summary>
internal sealed class LogicalNotRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Not"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) => [new(ElementType.Boolean, context.Shape(0))];
}

/// <summary>Where(condition, x, y).</summary>
internal sealed class WhereRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Where"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        if (context.Type(0) != ElementType.Boolean)
        {
            throw context.Error($"condition {context.Input(0)} must be Boolean");
        }
        context.RequireSameType(1, 2);
        return [context.Output(context.Type(1), Broadcasting.CombineInputs(context, 0, 3))];
    }
}

/// <summary>Dropout: its second output is the mask, Boolean since opset 10.</summary>
internal sealed class DropoutRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Dropout"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) =>
        [context.Like(0), new(context.Opset >= 10 ? ElementType.Boolean : context.Type(0), context.Shape(0))];
}

/// <summary>Activations in ONNX Runtime's own domain.</summary>
internal sealed class MicrosoftActivationRule : IOperatorRule
{
    public string Domain => "com.microsoft";

    public IReadOnlyList<string> Types { get; } = ["Gelu", "QuickGelu", "BiasGelu", "FastGelu"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) => [context.Like(0)];
}

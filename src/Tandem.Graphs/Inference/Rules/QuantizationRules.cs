namespace Tandem.Graphs.Inference.Rules;

/// <summary>QuantizeLinear: the type is the zero point's, unsigned bytes where that is left out.</summary>
internal sealed class QuantizeLinearRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["QuantizeLinear"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) =>
        [new(context.HasInput(2) ? context.Type(2) : ElementType.UInt8, context.Shape(0))];
}

/// <summary>DequantizeLinear: the type is the scale's.</summary>
internal sealed class DequantizeLinearRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["DequantizeLinear"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) => [new(context.Type(1), context.Shape(0))];
}

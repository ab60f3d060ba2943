namespace Tandem.Graphs.Inference.Evaluation;

/// <summary>Reductions of integers, as in counting the elements of a shape.</summary>
internal sealed class ReductionEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        Tensor output = outputs[0];
        // Only whole reductions: shapes are lists, and nothing else of them is ever reduced.
        if (output.Type != ElementType.Int64 || output.Shape.ElementCount != 1 || context.Shape(0).ElementCount == 0)
        {
            return null;
        }
        long[] elements = context.Value(0)!.AsSpan<long>().ToArray();
        long result = context.Operator.Type switch
        {
            "ReduceProd" => elements.Aggregate((a, b) => a * b),
            "ReduceSum" => elements.Aggregate((a, b) => a + b),
            "ReduceMax" => elements.Max(),
            _ => elements.Min(),
        };
        return [Constant.Of<long>(output.Name, output.Type, output.Shape, [result])];
    }
}

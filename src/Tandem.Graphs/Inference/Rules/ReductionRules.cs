namespace Tandem.Graphs.Inference.Rules;

/// <summary>Reductions over given axes, or over all; axes are an attribute in older operator sets and an input in newer.</summary>
internal sealed class ReduceRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } =
    [
        "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum",
        "ReduceLogSumExp", "ReduceSumSquare",
    ];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0);
        IReadOnlyList<long>? given = context.AttributeOrInput("axes", 1);
        if (given is not { Count: > 0 } && context.Operator.GetInt("noop_with_empty_axes", 0) != 0)
        {
            return [context.Like(0)];
        }
        HashSet<int> axes = given is { Count: > 0 }
            ? [.. given.Select(a => context.Axis(a, input.Rank))]
            : [.. Enumerable.Range(0, input.Rank)];
        return [context.Output(context.Type(0), Reduced(context, axes))];
    }

    /// <summary>The shape that is left: extent 1 along the reduced axes, or without them.</summary>
    public static long[] Reduced(OperatorContext context, HashSet<int> axes) =>
        context.Operator.GetInt("keepdims", 1) != 0
            ? [.. context.Shape(0).Select((d, i) => axes.Contains(i) ? 1 : d)]
            : [.. context.Shape(0).Where((_, i) => !axes.Contains(i))];
}

/// <summary>ArgMax and ArgMin: the index of the extreme along one axis.</summary>
internal sealed class ArgReduceRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["ArgMax", "ArgMin"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        int axis = context.Axis(context.Operator.GetInt("axis", 0), context.Shape(0).Rank);
        return [context.Output(ElementType.Int64, ReduceRule.Reduced(context, [axis]))];
    }
}

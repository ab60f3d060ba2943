using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>A reduction over axes, which are an attribute in older operator sets and an input in newer.</summary>
/// <param name="types">The operator types.</param>
internal abstract class ReductionGradient(params string[] types) : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = types;

    public void Differentiate(GradientContext context)
    {
        Tensor x = context.Input(0);
        long[]? given = context.AttributeOrInput("axes", 1);
        if (given is not { Length: > 0 } && context.Operator.GetInt("noop_with_empty_axes", 0) != 0)
        {
            context.Accumulate(0, context.Gradient);
            return;
        }
        long[] axes = given is { Length: > 0 }
            ? [.. given.Select(axis => axis < 0 ? axis + x.Shape.Rank : axis).Order()]
            : [.. Enumerable.Range(0, x.Shape.Rank).Select(axis => (long)axis)];
        var kept = new Shape([.. x.Shape.Select((extent, axis) => axes.Contains(axis) ? 1 : extent)]);
        Tensor y = context.Draft.Reshape(context.Output(0), kept);
        context.Accumulate(0, Differentiate(context, x, y, context.Draft.Reshape(context.Gradient, kept), axes));
    }

    /// <summary>The gradient of the input.</summary>
    /// <param name="context">The operator.</param>
    /// <param name="x">Its input.</param>
    /// <param name="y">Its output, the reduced axes of extent 1.</param>
    /// <param name="gradient">The gradient of its output, of the same shape.</param>
    /// <param name="axes">The reduced axes in order.</param>
    protected abstract Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient, long[] axes);
}

/// <summary>ReduceSum: the gradient repeated.</summary>
internal sealed class ReduceSumGradient() : ReductionGradient("ReduceSum")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient, long[] axes) =>
        context.Draft.Expand(gradient, x.Shape);
}

/// <summary>ReduceMean: the gradient divided by the number of elements, repeated.</summary>
internal sealed class ReduceMeanGradient() : ReductionGradient("ReduceMean")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient, long[] axes) =>
        context.Draft.Expand(
            context.Draft.Scale(gradient, (double)y.Shape.ElementCount / x.Shape.ElementCount), x.Shape);
}

/// <summary>ReduceSumSquare: 2 * x.</summary>
internal sealed class ReduceSumSquareGradient() : ReductionGradient("ReduceSumSquare")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient, long[] axes) =>
        context.Draft.Mul(x, context.Draft.Scale(gradient, 2));
}

/// <summary>ReduceMax and ReduceMin: extremes that are equal share the gradient.</summary>
internal sealed class ReduceExtremeGradient() : ReductionGradient("ReduceMax", "ReduceMin")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient, long[] axes) =>
        Extremes.Share(context.Draft, x, y, gradient, axes);
}

using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>An elementwise function of one tensor: the gradient times the function's slope.</summary>
/// <param name="types">The operator types.</param>
internal abstract class ActivationGradient(params string[] types) : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = types;

    public void Differentiate(GradientContext context) =>
        context.Accumulate(0, Differentiate(context, context.Input(0), context.Output(0), context.Gradient));

    /// <summary>The gradient of the input.</summary>
    /// <param name="context">The operator.</param>
    /// <param name="x">Its input.</param>
    /// <param name="y">Its output.</param>
    /// <param name="gradient">The gradient of its output.</param>
    protected abstract Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient);
}

/// <summary>What the rules of functions with bends share.</summary>
internal static class Bends
{
    /// <summary>The gradient where a condition holds, zero elsewhere.</summary>
    public static Tensor Keep(GraphDraft draft, Tensor condition, Tensor gradient) =>
        draft.Where(condition, gradient, draft.Number(0, gradient.Type));
}

using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>
/// Gelu (Hendrycks and Gimpel, 2016): x times the normal distribution's share below x, exactly or by its approximation with tanh.
/// </summary>
internal sealed class GeluGradient() : ActivationGradient("Gelu")
{
    // Of the approximation tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)).
    private const double Cubic = 0.044715;

    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Mul(gradient, context.Operator.GetText("approximate", "none") == "tanh"
            ? OfApproximation(context.Draft, x)
            : Exact(context.Draft, x));

    // Share below x, plus x * density at x.
    private static Tensor Exact(GraphDraft draft, Tensor x)
    {
        Tensor share = draft.Scale(draft.Shift(draft.Add("Erf", [draft.Scale(x, Math.Sqrt(0.5))]), 1), 0.5);
        Tensor density = draft.Scale(draft.Add("Exp", [draft.Scale(draft.Mul(x, x), -0.5)]), 1 / Math.Sqrt(2 * Math.PI));
        return draft.Add(share, draft.Mul(x, density));
    }

    // (1 + t) / 2 + x * (1 - t^2) / 2 * slope of tanh's argument.
    private static Tensor OfApproximation(GraphDraft draft, Tensor x)
    {
        double root = Math.Sqrt(2 / Math.PI);
        Tensor square = draft.Mul(x, x);
        Tensor argument = draft.Scale(draft.Mul(x, draft.Shift(draft.Scale(square, Cubic), 1)), root);
        Tensor t = draft.Add("Tanh", [argument]);
        Tensor slope = draft.Scale(draft.Shift(draft.Scale(square, 3 * Cubic), 1), root);
        Tensor bend = draft.Mul(draft.Mul(x, draft.OneMinus(draft.Mul(t, t))), slope);
        return draft.Scale(draft.Add(draft.Shift(t, 1), bend), 0.5);
    }
}

/// <summary>Mish (Misra, 2019): x * t with t = tanh(softplus(x)); its slope is t + x * (1 - t^2) * sigmoid(x).</summary>
internal sealed class MishGradient() : ActivationGradient("Mish")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient)
    {
        GraphDraft draft = context.Draft;
        Tensor t = draft.Add("Tanh", [draft.Add("Softplus", [x])]);
        Tensor bend = draft.Mul(draft.Mul(x, draft.OneMinus(draft.Mul(t, t))), draft.Add("Sigmoid", [x]));
        return draft.Mul(gradient, draft.Add(t, bend));
    }
}

/// <summary>Softsign: 1 / (1 + |x|)^2.</summary>
internal sealed class SoftsignGradient() : ActivationGradient("Softsign")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient)
    {
        Tensor size = context.Draft.Shift(context.Draft.Add("Abs", [x]), 1);
        return context.Draft.Div(gradient, context.Draft.Mul(size, size));
    }
}

/// <summary>Selu (Klambauer et al., 2017): gamma above zero, y + gamma * alpha below.</summary>
internal sealed class SeluGradient() : ActivationGradient("Selu")
{
    private const float DefaultAlpha = 1.67326319f;
    private const float DefaultGamma = 1.05070102f;

    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient)
    {
        GraphDraft draft = context.Draft;
        double gamma = context.Operator.GetFloat("gamma", DefaultGamma);
        double alpha = context.Operator.GetFloat("alpha", DefaultAlpha);
        return draft.Where(
            draft.Greater(x, 0), draft.Scale(gradient, gamma), draft.Mul(gradient, draft.Shift(y, gamma * alpha)));
    }
}

using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>Sigmoid: y * (1 - y).</summary>
internal sealed class SigmoidGradient() : ActivationGradient("Sigmoid")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Mul(gradient, context.Draft.Mul(y, context.Draft.OneMinus(y)));
}

/// <summary>Tanh: 1 - y * y.</summary>
internal sealed class TanhGradient() : ActivationGradient("Tanh")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Mul(gradient, context.Draft.OneMinus(context.Draft.Mul(y, y)));
}

/// <summary>Softplus: sigmoid(x).</summary>
internal sealed class SoftplusGradient() : ActivationGradient("Softplus")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Mul(gradient, context.Draft.Add("Sigmoid", [x]));
}

/// <summary>Exp: y.</summary>
internal sealed class ExpGradient() : ActivationGradient("Exp")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Mul(gradient, y);
}

/// <summary>Log: 1 / x.</summary>
internal sealed class LogGradient() : ActivationGradient("Log")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Div(gradient, x);
}

/// <summary>Sqrt: 1 / (2 * y).</summary>
internal sealed class SqrtGradient() : ActivationGradient("Sqrt")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Div(context.Draft.Scale(gradient, 0.5), y);
}

/// <summary>Reciprocal: -y * y.</summary>
internal sealed class ReciprocalGradient() : ActivationGradient("Reciprocal")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Neg(context.Draft.Mul(gradient, context.Draft.Mul(y, y)));
}

/// <summary>Erf: 2 / sqrt(pi) * exp(-x * x).</summary>
internal sealed class ErfGradient() : ActivationGradient("Erf")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient)
    {
        GraphDraft draft = context.Draft;
        Tensor bell = draft.Add("Exp", [draft.Neg(draft.Mul(x, x))]);
        return draft.Mul(gradient, draft.Scale(bell, 2 / Math.Sqrt(Math.PI)));
    }
}

/// <summary>Neg.</summary>
internal sealed class NegGradient() : ActivationGradient("Neg")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Neg(gradient);
}

/// <summary>Sin and Cos.</summary>
internal sealed class SineGradient() : ActivationGradient("Sin", "Cos")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Operator.Type == "Sin"
            ? context.Draft.Mul(gradient, context.Draft.Add("Cos", [x]))
            : context.Draft.Neg(context.Draft.Mul(gradient, context.Draft.Add("Sin", [x])));
}

/// <summary>Identity, Dropout as at inference, and Cast between floating-point types.</summary>
internal sealed class IdentityGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Identity", "Dropout", "Cast"];

    public void Differentiate(GradientContext context)
    {
        if (context.Operator.Type == "Dropout" && context.Operator.HasInput(2)
            && context.Draft.ValueOf(context.Operator.Inputs[2])?.Data.Span[0] != 0)
        {
            throw context.Error("in training mode what it drops cannot be repeated; leave its input 'training_mode' out");
        }
        ElementType type = context.Input(0).Type;
        context.Accumulate(0, context.Gradient.Type == type
            ? context.Gradient
            : context.Draft.Add("Cast", [context.Gradient], ("to", Expressions.Int((long)type))));
    }
}

/// <summary>Softmax: y * (gradient - sum of gradient * y).</summary>
internal sealed class SoftmaxGradient() : ActivationGradient("Softmax")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient)
    {
        GraphDraft draft = context.Draft;
        Tensor sum = draft.ReduceSum(draft.Mul(gradient, y), [context.Axis("axis", -1, x.Shape.Rank)]);
        return draft.Mul(y, draft.Sub(gradient, sum));
    }
}

/// <summary>LogSoftmax: gradient - softmax * sum of gradient.</summary>
internal sealed class LogSoftmaxGradient() : ActivationGradient("LogSoftmax")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient)
    {
        GraphDraft draft = context.Draft;
        Tensor sum = draft.ReduceSum(gradient, [context.Axis("axis", -1, x.Shape.Rank)]);
        return draft.Sub(gradient, draft.Mul(draft.Add("Exp", [y]), sum));
    }
}

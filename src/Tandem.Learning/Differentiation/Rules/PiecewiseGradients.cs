using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>Relu: the gradient where the output is positive.</summary>
internal sealed class ReluGradient() : ActivationGradient("Relu")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        Bends.Keep(context.Draft, context.Draft.Greater(y, 0), gradient);
}

/// <summary>LeakyRelu.</summary>
internal sealed class LeakyReluGradient() : ActivationGradient("LeakyRelu")
{
    private const float DefaultSlope = 0.01f;

    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Where(
            context.Draft.Greater(x, 0), gradient,
            context.Draft.Scale(gradient, context.Operator.GetFloat("alpha", DefaultSlope)));
}

/// <summary>Elu: exp(x) = y / alpha + 1 below zero.</summary>
internal sealed class EluGradient() : ActivationGradient("Elu")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Where(
            context.Draft.Greater(x, 0), gradient,
            context.Draft.Mul(gradient, context.Draft.Shift(y, context.Operator.GetFloat("alpha", 1))));
}

/// <summary>PRelu: a slope for negative elements that is learned.</summary>
internal sealed class PReluGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["PRelu"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        (Tensor x, Tensor slope, Tensor gradient) = (context.Input(0), context.Input(1), context.Gradient);
        Tensor isPositive = draft.Greater(x, 0);
        if (context.Needs(0))
        {
            context.Accumulate(0, draft.Where(isPositive, gradient, draft.Mul(gradient, slope)));
        }
        if (context.Needs(1))
        {
            Tensor negative = draft.Where(isPositive, draft.Number(0, x.Type), draft.Mul(gradient, x));
            context.Accumulate(1, draft.SumTo(negative, slope.Shape));
        }
    }
}

/// <summary>Clip: the gradient where nothing was limited. The limits are constants.</summary>
internal sealed class ClipGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Clip"];

    public void Differentiate(GradientContext context)
    {
        if (context.Needs(1) || context.Needs(2))
        {
            throw context.Error("its limits must not be trained");
        }
        GraphDraft draft = context.Draft;
        Tensor isFree = draft.Add("Equal", [context.Input(0), context.Output(0)]);
        context.Accumulate(0, Bends.Keep(draft, isFree, context.Gradient));
    }
}

/// <summary>HardSigmoid: alpha between the limits 0 and 1.</summary>
internal sealed class HardSigmoidGradient() : ActivationGradient("HardSigmoid")
{
    private const float DefaultSlope = 0.2f;

    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient)
    {
        GraphDraft draft = context.Draft;
        Tensor isSloped = draft.Add("And", [draft.Greater(y, 0), draft.Less(y, 1)]);
        return Bends.Keep(draft, isSloped, draft.Scale(gradient, context.Operator.GetFloat("alpha", DefaultSlope)));
    }
}

/// <summary>HardSwish: 0 below -3, 1 above 3, x / 3 + 1/2 between.</summary>
internal sealed class HardSwishGradient() : ActivationGradient("HardSwish")
{
    private const double Bend = 3;

    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient)
    {
        GraphDraft draft = context.Draft;
        Tensor middle = draft.Mul(gradient, draft.Shift(draft.Scale(x, 1 / Bend), 0.5));
        Tensor upper = draft.Where(draft.Greater(x, Bend), gradient, middle);
        return Bends.Keep(draft, draft.Greater(x, -Bend), upper);
    }
}

/// <summary>Abs: the gradient with the input's sign.</summary>
internal sealed class AbsGradient() : ActivationGradient("Abs")
{
    protected override Tensor Differentiate(GradientContext context, Tensor x, Tensor y, Tensor gradient) =>
        context.Draft.Mul(gradient, context.Draft.Add("Sign", [x]));
}

/// <summary>Functions that are constant but for jumps: no gradient passes.</summary>
internal sealed class StepGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Floor", "Ceil", "Round", "Sign"];

    public void Differentiate(GradientContext context)
    {
    }
}

using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>Add: both inputs get the gradient, summed where they were broadcast.</summary>
internal sealed class AddGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Add"];

    public void Differentiate(GradientContext context)
    {
        for (int i = 0; i < 2; i++)
        {
            if (context.Needs(i))
            {
                context.Accumulate(i, context.Draft.SumTo(context.Gradient, context.Input(i).Shape));
            }
        }
    }
}

/// <summary>Sub.</summary>
internal sealed class SubGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Sub"];

    public void Differentiate(GradientContext context)
    {
        if (context.Needs(0))
        {
            context.Accumulate(0, context.Draft.SumTo(context.Gradient, context.Input(0).Shape));
        }
        if (context.Needs(1))
        {
            context.Accumulate(1, context.Draft.Neg(context.Draft.SumTo(context.Gradient, context.Input(1).Shape)));
        }
    }
}

/// <summary>Mul: each factor gets the gradient times the other.</summary>
internal sealed class MulGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Mul"];

    public void Differentiate(GradientContext context)
    {
        for (int i = 0; i < 2; i++)
        {
            if (context.Needs(i))
            {
                Tensor product = context.Draft.Mul(context.Gradient, context.Input(1 - i));
                context.Accumulate(i, context.Draft.SumTo(product, context.Input(i).Shape));
            }
        }
    }
}

/// <summary>Div.</summary>
internal sealed class DivGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Div"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        Tensor divided = draft.Div(context.Gradient, context.Input(1));
        if (context.Needs(0))
        {
            context.Accumulate(0, draft.SumTo(divided, context.Input(0).Shape));
        }
        if (context.Needs(1))
        {
            Tensor product = draft.SumTo(draft.Mul(divided, context.Output(0)), context.Input(1).Shape);
            context.Accumulate(1, draft.Neg(product));
        }
    }
}

/// <summary>Pow: x^p gives p * x^(p-1) to x, and log(x) * x^p to p (for which x must be positive).</summary>
internal sealed class PowGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Pow"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        (Tensor x, Tensor power) = (context.Input(0), context.Input(1));
        if (power.Type != x.Type)
        {
            power = draft.Add("Cast", [power], ("to", Expressions.Int((long)x.Type)));
        }
        if (context.Needs(0))
        {
            Tensor slope = draft.Mul(power, draft.Add("Pow", [x, draft.Shift(power, -1)]));
            context.Accumulate(0, draft.SumTo(draft.Mul(context.Gradient, slope), x.Shape));
        }
        if (context.Needs(1))
        {
            Tensor slope = draft.Mul(context.Output(0), draft.Add("Log", [x]));
            context.Accumulate(1, draft.SumTo(draft.Mul(context.Gradient, slope), power.Shape));
        }
    }
}

/// <summary>Max and Min of any number of tensors: inputs that are equal to the extreme share the gradient.</summary>
internal sealed class ExtremeGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Max", "Min"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        Tensor extreme = context.Output(0);
        Tensor[] isExtreme = [.. context.Operator.Inputs.Select((_, i) => draft.Add(
            "Cast", [draft.Add("Equal", [context.Input(i), extreme])], ("to", Expressions.Int((long)extreme.Type))))];
        Tensor share = draft.Div(context.Gradient, isExtreme.Aggregate(draft.Add));
        for (int i = 0; i < isExtreme.Length; i++)
        {
            if (context.Needs(i))
            {
                context.Accumulate(i, draft.SumTo(draft.Mul(share, isExtreme[i]), context.Input(i).Shape));
            }
        }
    }
}

/// <summary>Sum and Mean of any number of tensors.</summary>
internal sealed class SumGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Sum", "Mean"];

    public void Differentiate(GradientContext context)
    {
        int count = context.Operator.Inputs.Count;
        Tensor share = context.Draft.Scale(context.Gradient, context.Operator.Type == "Mean" ? 1.0 / count : 1);
        for (int i = 0; i < count; i++)
        {
            if (context.Needs(i))
            {
                context.Accumulate(i, context.Draft.SumTo(share, context.Input(i).Shape));
            }
        }
    }
}

/// <summary>Where: each element's gradient goes to the side that it came from.</summary>
internal sealed class WhereGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Where"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        Tensor zero = draft.Number(0, context.Gradient.Type);
        if (context.Needs(1))
        {
            Tensor chosen = draft.Where(context.Input(0), context.Gradient, zero);
            context.Accumulate(1, draft.SumTo(chosen, context.Input(1).Shape));
        }
        if (context.Needs(2))
        {
            Tensor chosen = draft.Where(context.Input(0), zero, context.Gradient);
            context.Accumulate(2, draft.SumTo(chosen, context.Input(2).Shape));
        }
    }
}

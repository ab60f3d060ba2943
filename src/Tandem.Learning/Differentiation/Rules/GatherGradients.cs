using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>Gather: the gradient of each taken part is added to the place that it was taken from.</summary>
internal sealed class GatherGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Gather"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        (Tensor data, Tensor indices) = (context.Input(0), context.Input(1));
        int axis = context.Axis("axis", 0, data.Shape.Rank);
        // Before the axis, indices, behind the axis -> indices as one axis in front, the rest as data without the axis.
        long before = data.Shape.Product(0, axis);
        long behind = data.Shape.Product(axis + 1, data.Shape.Rank);
        long count = indices.Shape.ElementCount;
        Tensor parts = draft.Transpose(draft.Reshape(context.Gradient, new Shape(before, count, behind)), 1, 0, 2);
        Tensor places = draft.Reshape(Int64(draft, NonNegative(draft, indices, data.Shape[axis])), new Shape(count, 1));
        Tensor sum = ScatterND.Sum(draft, places, parts, new Shape(data.Shape[axis], before, behind));
        context.Accumulate(0, draft.Reshape(draft.Transpose(sum, 1, 0, 2), data.Shape));
    }

    private static Tensor NonNegative(GraphDraft draft, Tensor indices, long extent)
    {
        Tensor zero = draft.Add("Cast", [draft.Integers(0)], ("to", Expressions.Int((long)indices.Type)));
        Tensor size = draft.Add("Cast", [draft.Integers(extent)], ("to", Expressions.Int((long)indices.Type)));
        return draft.Where(draft.Add("Less", [indices, zero]), draft.Add(indices, size), indices);
    }

    private static Tensor Int64(GraphDraft draft, Tensor indices) => indices.Type == ElementType.Int64
        ? indices
        : draft.Add("Cast", [indices], ("to", Expressions.Int((long)ElementType.Int64)));
}

/// <summary>GatherElements: ScatterElements, adding up.</summary>
internal sealed class GatherElementsGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["GatherElements"];

    public void Differentiate(GradientContext context)
    {
        Tensor data = context.Input(0);
        context.Accumulate(0, context.Draft.Add(
            "ScatterElements", [context.Draft.Zeros(data.Type, data.Shape), context.Input(1), context.Gradient],
            ("axis", Expressions.Int(context.Axis("axis", 0, data.Shape.Rank))), ("reduction", new AttributeValue.Text("add"))));
    }
}

/// <summary>GatherND without batch dimensions: ScatterND, adding up.</summary>
internal sealed class GatherNDGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["GatherND"];

    public void Differentiate(GradientContext context)
    {
        if (context.Operator.GetInt("batch_dims", 0) != 0)
        {
            throw context.Error("its attribute 'batch_dims' must be 0");
        }
        context.Accumulate(0, ScatterND.Sum(context.Draft, context.Input(1), context.Gradient, context.Input(0).Shape));
    }
}

/// <summary>ScatterElements that adds: the data get the gradient, the updates what lies at their places.</summary>
internal sealed class ScatterElementsGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["ScatterElements"];

    public void Differentiate(GradientContext context)
    {
        Scattering.RequireSum(context);
        if (context.Needs(0))
        {
            context.Accumulate(0, context.Gradient);
        }
        if (context.Needs(2))
        {
            context.Accumulate(2, context.Draft.Add(
                "GatherElements", [context.Gradient, context.Input(1)],
                ("axis", Expressions.Int(context.Axis("axis", 0, context.Gradient.Shape.Rank)))));
        }
    }
}

/// <summary>ScatterND that adds: the data get the gradient, the updates what lies at their places.</summary>
internal sealed class ScatterNDGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["ScatterND"];

    public void Differentiate(GradientContext context)
    {
        Scattering.RequireSum(context);
        if (context.Needs(0))
        {
            context.Accumulate(0, context.Gradient);
        }
        if (context.Needs(2))
        {
            context.Accumulate(2, context.Draft.Add("GatherND", [context.Gradient, context.Input(1)]));
        }
    }
}

/// <summary>What the rules of scattering operators share.</summary>
internal static class Scattering
{
    /// <summary>Refuses scattering that overwrites or multiplies.</summary>
    public static void RequireSum(GradientContext context)
    {
        if (context.Operator.GetText("reduction", "none") != "add")
        {
            throw context.Error("only reduction 'add' has a gradient here");
        }
    }
}

/// <summary>Sums of slices by index.</summary>
internal static class ScatterND
{
    /// <summary>Zeros to which each update is added at its index.</summary>
    public static Tensor Sum(GraphDraft draft, Tensor indices, Tensor updates, Shape shape) => draft.Add(
        "ScatterND", [draft.Zeros(updates.Type, shape), indices, updates], ("reduction", new AttributeValue.Text("add")));
}

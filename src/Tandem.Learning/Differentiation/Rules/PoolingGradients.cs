using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>AveragePool: every window spreads its gradient evenly over its elements.</summary>
internal sealed class AveragePoolGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["AveragePool"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        Tensor x = context.Input(0);
        Tensor gradient = context.Gradient;
        var window = ConvolutionWindow.Of(context.Operator, x, null);
        if (CutsInPieces(x, gradient, window))
        {
            Tensor share = draft.Scale(gradient, 1.0 / window.Kernel.Aggregate((a, b) => a * b));
            float[] scales = [1, 1, .. window.Kernel.Select(extent => (float)extent)];
            context.Accumulate(0, draft.Add(
                "Resize", [share, null, draft.Numbers(Array.ConvertAll(scales, s => (double)s), ElementType.Float32, new Shape(scales.Length))],
                ("mode", new AttributeValue.Text("nearest")), ("coordinate_transformation_mode", new AttributeValue.Text("asymmetric")),
                ("nearest_mode", new AttributeValue.Text("floor"))));
            return;
        }
        bool countsPads = context.Operator.GetInt("count_include_pad", 0) != 0;
        long[] padsBehind = PadsBehind(context, x, window);
        Tensor shares = Shares(draft, window, x, gradient, countsPads ? padsBehind : null);
        // Channels are independent, so that they can as well be images: one channel each, one filter.
        Tensor divided = Planes(draft, draft.Mul(gradient, shares));
        Tensor filter = draft.Expand(draft.Number(1, x.Type), new Shape([1, 1, .. window.Kernel]));
        Shape planes = new([x.Shape[0] * x.Shape[1], 1, .. x.Shape.Skip(2)]);
        context.Accumulate(0, draft.Reshape(ConvolutionGradients.Large(draft, window, divided, filter, planes), x.Shape));
    }

    // Windows side by side that cover the image: each pixel gets its window's gradient. ONNX Runtime resizes in single precision only.
    private static bool CutsInPieces(Tensor x, Tensor gradient, ConvolutionWindow window) =>
        x.Type == ElementType.Float32 && window.Pads.All(pad => pad == 0) && window.Dilations.All(d => d == 1)
        && window.Kernel.SequenceEqual(window.Strides)
        && Enumerable.Range(0, window.Axes).All(axis => gradient.Shape[axis + 2] * window.Kernel[axis] == x.Shape[axis + 2]);

    private static Tensor Planes(GraphDraft draft, Tensor x) =>
        draft.Reshape(x, new Shape([x.Shape[0] * x.Shape[1], 1, .. x.Shape.Skip(2)]));

    private static long[] PadsBehind(GradientContext context, Tensor x, ConvolutionWindow window)
    {
        var resolved = Graphs.Inference.SlidingWindow.Of(context.Operator, [.. x.Shape.Skip(2)], null);
        return resolved.PadsEnd.Count == window.Axes ? [.. resolved.PadsEnd] : new long[window.Axes];
    }

    // One over the number of elements that each window has; with padsBehind, padding counts as elements.
    private static Tensor Shares(GraphDraft draft, ConvolutionWindow window, Tensor x, Tensor gradient, long[]? padsBehind)
    {
        long[] extents = [.. gradient.Shape.Skip(2)];
        double[] shares = new double[new Shape(extents).ElementCount];
        for (int i = 0; i < shares.Length; i++)
        {
            long rest = i;
            long count = 1;
            for (int axis = extents.Length - 1; axis >= 0; axis--)
            {
                count *= Elements(window, axis, rest % extents[axis], x.Shape[axis + 2], padsBehind?[axis]);
                rest /= extents[axis];
            }
            shares[i] = 1.0 / count;
        }
        return draft.Numbers(shares, x.Type, new Shape([1, 1, .. extents]));
    }

    private static int Elements(ConvolutionWindow window, int axis, long position, long extent, long? padBehind)
    {
        long first = (position * window.Strides[axis]) - window.Pads[axis];
        long from = padBehind is null ? 0 : -window.Pads[axis];
        long to = extent + (padBehind ?? 0);
        return Enumerable.Range(0, (int)window.Kernel[axis])
            .Select(tap => first + (tap * window.Dilations[axis]))
            .Count(place => place >= from && place < to);
    }
}

/// <summary>GlobalAveragePool.</summary>
internal sealed class GlobalAveragePoolGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["GlobalAveragePool"];

    public void Differentiate(GradientContext context)
    {
        Tensor x = context.Input(0);
        double share = 1.0 / x.Shape.Product(2, x.Shape.Rank);
        context.Accumulate(0, context.Draft.Expand(context.Draft.Scale(context.Gradient, share), x.Shape));
    }
}

/// <summary>MaxPool: each window's gradient goes to the place of its maximum, which the operator's second output names.</summary>
internal sealed class MaxPoolGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["MaxPool"];

    public void Differentiate(GradientContext context)
    {
        if (context.Operator.GetInt("storage_order", 0) != 0)
        {
            throw context.Error("its attribute 'storage_order' must be 0");
        }
        GraphDraft draft = context.Draft;
        Tensor x = context.Input(0);
        Tensor gradient = context.Gradient;
        Tensor places = draft.RequireOutput(context.Operator, 1);
        var flat = new Shape(gradient.Shape.ElementCount);
        Tensor scattered = draft.Add(
            "ScatterElements",
            [draft.Zeros(x.Type, new Shape(x.Shape.ElementCount)), draft.Reshape(places, flat), draft.Reshape(gradient, flat)],
            ("axis", Expressions.Int(0)), ("reduction", new AttributeValue.Text("add")));
        context.Accumulate(0, draft.Reshape(scattered, x.Shape));
    }
}

/// <summary>GlobalMaxPool: maxima that are equal share the gradient.</summary>
internal sealed class GlobalMaxPoolGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["GlobalMaxPool"];

    public void Differentiate(GradientContext context)
    {
        Tensor x = context.Input(0);
        long[] axes = [.. Enumerable.Range(2, x.Shape.Rank - 2).Select(axis => (long)axis)];
        context.Accumulate(0, Extremes.Share(context.Draft, x, context.Output(0), context.Gradient, axes));
    }
}

/// <summary>The gradient of the greatest or smallest of several elements.</summary>
internal static class Extremes
{
    /// <summary>The gradient shared among all elements that equal the extreme.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="x">The elements.</param>
    /// <param name="extreme">The extreme along the axes, which have extent 1.</param>
    /// <param name="gradient">Its gradient, of the same shape.</param>
    /// <param name="axes">The axes.</param>
    public static Tensor Share(GraphDraft draft, Tensor x, Tensor extreme, Tensor gradient, ReadOnlySpan<long> axes)
    {
        Tensor isExtreme = draft.Add(
            "Cast", [draft.Add("Equal", [x, extreme])], ("to", Expressions.Int((long)x.Type)));
        return draft.Mul(isExtreme, draft.Div(gradient, draft.ReduceSum(isExtreme, axes)));
    }
}

using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>Formulas as operators of a draft.</summary>
public static class Expressions
{
    /// <summary>a + b, broadcast.</summary>
    public static Tensor Add(this GraphDraft draft, Tensor a, Tensor b) => draft.Add("Add", [a, b]);

    /// <summary>a - b, broadcast.</summary>
    public static Tensor Sub(this GraphDraft draft, Tensor a, Tensor b) => draft.Add("Sub", [a, b]);

    /// <summary>a * b, broadcast.</summary>
    public static Tensor Mul(this GraphDraft draft, Tensor a, Tensor b) => draft.Add("Mul", [a, b]);

    /// <summary>a / b, broadcast.</summary>
    public static Tensor Div(this GraphDraft draft, Tensor a, Tensor b) => draft.Add("Div", [a, b]);

    /// <summary>x * factor.</summary>
    public static Tensor Scale(this GraphDraft draft, Tensor x, double factor) =>
        factor == 1 ? x : draft.Mul(x, draft.Number(factor, x.Type));

    /// <summary>x + offset.</summary>
    public static Tensor Shift(this GraphDraft draft, Tensor x, double offset) =>
        offset == 0 ? x : draft.Add(x, draft.Number(offset, x.Type));

    /// <summary>-x.</summary>
    public static Tensor Neg(this GraphDraft draft, Tensor x) => draft.Add("Neg", [x]);

    /// <summary>1 - x.</summary>
    public static Tensor OneMinus(this GraphDraft draft, Tensor x) => draft.Sub(draft.Number(1, x.Type), x);

    /// <summary>condition ? a : b, broadcast.</summary>
    public static Tensor Where(this GraphDraft draft, Tensor condition, Tensor a, Tensor b) => draft.Add("Where", [condition, a, b]);

    /// <summary>x &gt; limit.</summary>
    public static Tensor Greater(this GraphDraft draft, Tensor x, double limit) =>
        draft.Add("Greater", [x, draft.Number(limit, x.Type)]);

    /// <summary>x &lt; limit.</summary>
    public static Tensor Less(this GraphDraft draft, Tensor x, double limit) =>
        draft.Add("Less", [x, draft.Number(limit, x.Type)]);

    /// <summary>The elements in another shape; the tensor itself where it has that shape.</summary>
    public static Tensor Reshape(this GraphDraft draft, Tensor x, Shape shape) =>
        x.Shape.Equals(shape)
            ? x
            : draft.Add("Reshape", [x, draft.Integers(shape.AsSpan())], ("allowzero", Int(shape.Contains(0) ? 1 : 0)));

    /// <summary>The axes in another order.</summary>
    public static Tensor Transpose(this GraphDraft draft, Tensor x, params ReadOnlySpan<long> permutation) =>
        draft.Add("Transpose", [x], ("perm", Ints(permutation)));

    /// <summary>The last two axes exchanged.</summary>
    public static Tensor TransposeMatrix(this GraphDraft draft, Tensor x)
    {
        long[] permutation = [.. Enumerable.Range(0, x.Shape.Rank).Select(axis => (long)axis)];
        (permutation[^1], permutation[^2]) = (permutation[^2], permutation[^1]);
        return draft.Transpose(x, permutation);
    }

    /// <summary>x repeated to a shape.</summary>
    public static Tensor Expand(this GraphDraft draft, Tensor x, Shape shape) =>
        x.Shape.Equals(shape) ? x : draft.Add("Expand", [x, draft.Integers(shape.AsSpan())]);

    /// <summary>Zeros.</summary>
    public static Tensor Zeros(this GraphDraft draft, ElementType type, Shape shape) =>
        draft.Expand(draft.Number(0, type), shape);

    /// <summary>The sum over axes, which stay with extent 1 or go.</summary>
    public static Tensor ReduceSum(this GraphDraft draft, Tensor x, ReadOnlySpan<long> axes, bool keepDimensions = true) =>
        draft.Add("ReduceSum", [x, draft.Integers(axes)], ("keepdims", Int(keepDimensions ? 1 : 0)));

    /// <summary>The sum of all elements, a scalar.</summary>
    public static Tensor SumAll(this GraphDraft draft, Tensor x) =>
        draft.ReduceSum(draft.Reshape(x, new Shape(x.Shape.ElementCount)), [0], keepDimensions: false);

    /// <summary>The mean of all elements, a scalar.</summary>
    public static Tensor MeanAll(this GraphDraft draft, Tensor x) => draft.Scale(draft.SumAll(x), 1.0 / x.Shape.ElementCount);

    /// <summary>Sums what broadcasting has repeated: the inverse of repeating a tensor of the given shape.</summary>
    public static Tensor SumTo(this GraphDraft draft, Tensor x, Shape shape)
    {
        if (x.Shape.Equals(shape))
        {
            return x;
        }
        int extra = x.Shape.Rank - shape.Rank;
        long[] axes = [.. Enumerable.Range(0, x.Shape.Rank)
            .Where(axis => axis < extra || (shape[axis - extra] == 1 && x.Shape[axis] != 1))
            .Select(axis => (long)axis)];
        Tensor sum = axes.Length == 0 ? x : draft.ReduceSum(x, axes);
        return draft.Reshape(sum, shape);
    }

    /// <summary>A matrix product with NumPy's meaning.</summary>
    public static Tensor MatMul(this GraphDraft draft, Tensor a, Tensor b) => draft.Add("MatMul", [a, b]);

    /// <summary>A part of each axis, from start on, by steps (negative ones go backwards).</summary>
    public static Tensor Slice(
        this GraphDraft draft, Tensor x, ReadOnlySpan<long> starts, ReadOnlySpan<long> ends, ReadOnlySpan<long> axes,
        ReadOnlySpan<long> steps) =>
        draft.Add(
            "Slice", [x, draft.Integers(starts), draft.Integers(ends), draft.Integers(axes), draft.Integers(steps)]);

    /// <summary>The elements along axes in reverse order.</summary>
    public static Tensor Flip(this GraphDraft draft, Tensor x, params ReadOnlySpan<long> axes)
    {
        long[] backwards = new long[axes.Length];
        Array.Fill(backwards, -1);
        long[] ends = new long[axes.Length];
        Array.Fill(ends, long.MinValue + 1);
        return draft.Slice(x, backwards, ends, axes, backwards);
    }

    /// <summary>Zeros around the elements; negative pads cut instead.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="x">The tensor.</param>
    /// <param name="begins">Pads before the first element of each axis.</param>
    /// <param name="ends">Pads after the last.</param>
    public static Tensor Pad(this GraphDraft draft, Tensor x, ReadOnlySpan<long> begins, ReadOnlySpan<long> ends) =>
        begins.ContainsAnyExcept(0) || ends.ContainsAnyExcept(0)
            ? draft.Add("Pad", [x, draft.Integers([.. begins, .. ends]), draft.Number(0, x.Type)])
            : x;

    internal static AttributeValue.Int Int(long value) => new(value);

    internal static AttributeValue.Ints Ints(ReadOnlySpan<long> values) => new(values.ToArray());
}

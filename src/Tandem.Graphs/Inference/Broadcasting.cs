namespace Tandem.Graphs.Inference;

/// <summary>ONNX multidirectional broadcasting: shapes are aligned at their last dimension, and extents of 1 are repeated.</summary>
internal static class Broadcasting
{
    /// <summary>The shape that both inputs are repeated to; null where they do not fit.</summary>
    public static long[]? Combine(ReadOnlySpan<long> first, ReadOnlySpan<long> second)
    {
        long[] result = new long[Math.Max(first.Length, second.Length)];
        for (int fromBack = 1; fromBack <= result.Length; fromBack++)
        {
            long a = fromBack <= first.Length ? first[^fromBack] : 1;
            long b = fromBack <= second.Length ? second[^fromBack] : 1;
            if (a != b && a != 1 && b != 1)
            {
                return null;
            }
            result[^fromBack] = a == 1 ? b : a;
        }
        return result;
    }

    /// <summary>The shape that all inputs of an operator are repeated to.</summary>
    /// <exception cref="InvalidModelException">They do not fit.</exception>
    public static long[] CombineInputs(OperatorContext context, int first, int count)
    {
        long[] result = [.. context.Shape(first)];
        for (int i = first + 1; i < first + count; i++)
        {
            result = Combine(result, context.Shape(i).AsSpan())
                ?? throw context.Error($"inputs {context.Input(first)} and {context.Input(i)} cannot be broadcast together");
        }
        return result;
    }

    /// <summary>Element strides of a densely packed tensor.</summary>
    public static long[] PackedStrides(Shape shape) =>
        [.. Enumerable.Range(0, shape.Rank).Select(axis => shape.Product(axis + 1, shape.Rank))];

    /// <summary>
    /// Element strides by which a densely packed tensor is read as if repeated to a larger shape: 0 along repeated axes.
    /// </summary>
    public static long[] Strides(Shape shape, ReadOnlySpan<long> target)
    {
        long[] strides = new long[target.Length];
        long stride = 1;
        for (int fromBack = 1; fromBack <= shape.Rank; fromBack++)
        {
            long extent = shape[shape.Rank - fromBack];
            strides[^fromBack] = extent == 1 ? 0 : stride;
            stride *= extent;
        }
        return strides;
    }
}

namespace Tandem.Graphs.Slicing;

/// <summary>Arithmetic of ranges. A range that covers its axis is always written as the whole tensor.</summary>
internal static class Ranges
{
    /// <summary>The axis that a cut by rows divides: the last but one.</summary>
    public static int RowAxis(Shape shape) => shape.Rank - 2;

    /// <summary>A range along an axis, or the whole where it covers the axis.</summary>
    public static TensorRange Along(Shape shape, int axis, long from, long to) =>
        from == 0 && to == shape[axis] ? TensorRange.Whole : new TensorRange(axis, from, to);

    /// <summary>First index and end of a range along an axis.</summary>
    public static (long From, long To) Bounds(TensorRange range, Shape shape, int axis) =>
        range.IsWhole ? (0, shape[axis]) : (range.From, range.To);

    /// <summary>The smallest range that holds both.</summary>
    public static (long From, long To) Hull((long From, long To) a, (long From, long To) b) =>
        (Math.Min(a.From, b.From), Math.Max(a.To, b.To));

    /// <summary>Division that rounds towards negative infinity.</summary>
    public static long FloorDivide(long a, long b) => (long)Math.Floor((decimal)a / b);

    /// <summary>Division that rounds towards positive infinity.</summary>
    public static long CeilDivide(long a, long b) => -FloorDivide(-a, b);
}

namespace Tandem.Graphs;

/// <summary>A contiguous range of a tensor along one axis, or the whole tensor.</summary>
/// <param name="Axis">The axis that is cut, or -1 for the whole tensor.</param>
/// <param name="From">First index along the axis.</param>
/// <param name="To">Index after the last one.</param>
public readonly record struct TensorRange(int Axis, long From, long To)
{
    /// <summary>The whole tensor.</summary>
    public static TensorRange Whole { get; } = new(-1, 0, 0);

    /// <summary>Whether this is the whole tensor.</summary>
    public bool IsWhole => Axis < 0;

    /// <summary>The shape of the range within a tensor of the given shape.</summary>
    public Shape Of(Shape whole) => IsWhole ? whole : whole.With(Axis, To - From);

    /// <summary>Whether the range lies in one piece of memory in a densely packed tensor of the given shape.</summary>
    public bool IsContiguousIn(Shape whole) => IsWhole || whole.Product(0, Axis) == 1;

    /// <inheritdoc/>
    public override string ToString() => IsWhole ? "[:]" : $"[axis {Axis}: {From}..{To}]";
}

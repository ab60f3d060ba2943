using System.Collections;
using System.Globalization;

namespace Tandem.Graphs;

/// <summary>The static dimensions of a tensor, outermost first; a scalar has none. Equal by value.</summary>
public sealed class Shape : IReadOnlyList<long>, IEquatable<Shape>
{
    private readonly long[] _dimensions;

    /// <summary>Makes a shape from its dimensions, each zero or greater.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    public Shape(params ReadOnlySpan<long> dimensions)
    {
        foreach (long dimension in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(dimensions));
        }
        _dimensions = dimensions.ToArray();
    }

    /// <summary>The shape of a scalar.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>How many dimensions there are.</summary>
    public int Rank => _dimensions.Length;

    /// <inheritdoc/>
    public int Count => _dimensions.Length;

    /// <inheritdoc/>
    public long this[int index] => _dimensions[index];

    /// <summary>How many elements a tensor of this shape has; one for a scalar.</summary>
    public long ElementCount => Product(0, Rank);

    /// <summary>The product of the dimensions in [from, to); one where the range is empty.</summary>
    public long Product(int from, int to)
    {
        long product = 1;
        for (int i = from; i < to; i++)
        {
            product *= _dimensions[i];
        }
        return product;
    }

    /// <summary>The dimensions as a span.</summary>
    public ReadOnlySpan<long> AsSpan() => _dimensions;

    /// <summary>This shape with one dimension replaced.</summary>
    public Shape With(int axis, long dimension)
    {
        long[] copy = (long[])_dimensions.Clone();
        copy[axis] = dimension;
        return new Shape(copy);
    }

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (long dimension in _dimensions)
        {
            hash.Add(dimension);
        }
        return hash.ToHashCode();
    }

    /// <summary>The dimensions joined by commas in brackets, as in "[1,3,224,224]".</summary>
    public override string ToString() =>
        "[" + string.Join(',', _dimensions.Select(d => d.ToString(CultureInfo.InvariantCulture))) + "]";

    /// <inheritdoc/>
    public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)_dimensions).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _dimensions.GetEnumerator();
}

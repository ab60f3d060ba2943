namespace Tandem.Graphs.Quantization;

/// <summary>The least and the greatest element that a tensor was seen to have.</summary>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
public readonly record struct ValueRange(float Min, float Max)
{
    /// <summary>The range of some numbers; not-a-number is left out, and nothing at all gives 0 to 0.</summary>
    public static ValueRange Of(ReadOnlySpan<float> elements)
    {
        float min = float.PositiveInfinity;
        float max = float.NegativeInfinity;
        foreach (float element in elements)
        {
            // Both comparisons are false for not-a-number.
            min = element < min ? element : min;
            max = element > max ? element : max;
        }
        return min <= max ? new ValueRange(min, max) : default;
    }

    /// <summary>The range that holds both.</summary>
    public ValueRange Union(ValueRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));
}

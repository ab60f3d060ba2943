namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>
/// How often a tensor's numbers fall into bins of equal width around zero, made in one pass: where a number lies outside, bins become
/// twice as wide. Zeros, which every quantisation has exactly, are counted apart.
/// </summary>
public sealed class ActivationHistogram
{
    /// <summary>The number of bins, half of them for negative numbers.</summary>
    public const int BinCount = 8192;

    private const int Half = BinCount / 2;

    // Leaves some room, so that a slightly larger number does not at once cost half of the resolution.
    private const float Headroom = 1.25f;

    private readonly long[] _counts = new long[BinCount];
    private bool _isAny;

    /// <summary>How many numbers are in each bin, the most negative first.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>How many zeros were seen.</summary>
    public long ZeroCount { get; private set; }

    /// <summary>The numbers seen, zeros included; infinite ones and not-a-number are not counted.</summary>
    public long Total { get; private set; }

    /// <summary>The width of a bin; 0 as long as nothing but zeros was seen.</summary>
    public float Width { get; private set; }

    /// <summary>The least and the greatest number seen.</summary>
    public ValueRange Range { get; private set; }

    /// <summary>The middle of a bin.</summary>
    public float CentreOf(int bin) => (bin - Half + 0.5f) * Width;

    /// <summary>Counts some numbers.</summary>
    public void Add(ReadOnlySpan<float> elements)
    {
        var range = ValueRange.Of(elements);
        Range = _isAny ? Range.Union(range) : range;
        _isAny = true;
        float largest = Math.Max(Math.Abs(range.Min), Math.Abs(range.Max));
        // Quantisation refuses an infinite range anyway.
        if (!float.IsFinite(largest))
        {
            return;
        }
        Widen(largest);
        Count(elements);
    }

    /// <summary>The number below which a share of all numbers lies, to the width of a bin, within <see cref="Range"/>.</summary>
    /// <param name="share">0 to 1.</param>
    public float Quantile(double share)
    {
        double rank = share * Total;
        long below = 0;
        for (int bin = 0; bin < BinCount; bin++)
        {
            if (bin == Half)
            {
                below += ZeroCount;
                if (below >= rank && ZeroCount > 0)
                {
                    return 0;
                }
            }
            below += _counts[bin];
            if (below >= rank && _counts[bin] > 0)
            {
                // The outer edge, so that what is in the bin lies within.
                int edge = bin < Half ? bin - Half : bin - Half + 1;
                return Math.Clamp(edge * Width, Range.Min, Range.Max);
            }
        }
        return Range.Max;
    }

    private void Widen(float largest)
    {
        if (Width == 0)
        {
            float width = largest * Headroom / Half;
            Width = float.IsNormal(width) ? width : 0;
            return;
        }
        while (largest >= Width * Half)
        {
            Width *= 2;
            // Pairs are merged towards the middle, so that no count is overwritten before it was read.
            for (int i = 0; i < Half / 2; i++)
            {
                _counts[Half + i] = _counts[Half + (2 * i)] + _counts[Half + (2 * i) + 1];
                _counts[Half - 1 - i] = _counts[Half - 1 - (2 * i)] + _counts[Half - 2 - (2 * i)];
            }
            _counts.AsSpan(0, Half / 2).Clear();
            _counts.AsSpan(Half + (Half / 2)).Clear();
        }
    }

    private void Count(ReadOnlySpan<float> elements)
    {
        float binsPerUnit = Width == 0 ? 0 : 1 / Width;
        long zeros = 0;
        long others = 0;
        foreach (float element in elements)
        {
            if (element == 0 || binsPerUnit == 0)
            {
                zeros++;
            }
            else if (!float.IsNaN(element))
            {
                int bin = (int)MathF.Floor(element * binsPerUnit) + Half;
                _counts[Math.Clamp(bin, 0, BinCount - 1)]++;
                others++;
            }
        }
        ZeroCount += zeros;
        Total += zeros + others;
    }
}

using System.Runtime.InteropServices;
using Tandem.Graphs;

namespace Tandem.Execution;

/// <summary>How far two results are apart.</summary>
public static class OutputComparison
{
    // Elements much smaller than the largest one carry the rounding of sums of large terms, in which ONNX Runtime's own
    // optimisation levels differ from each other; they are held to this part of the largest.
    private const double FloorPart = 1e-2;

    /// <summary>
    /// The largest difference of two float tensors, relative to the reference's element, or to a hundredth of the reference's
    /// largest magnitude where that is more. A NaN or infinity on one side only counts as infinitely far.
    /// </summary>
    public static double MaxRelativeError(ReadOnlySpan<float> actual, ReadOnlySpan<float> reference)
    {
        if (actual.Length != reference.Length)
        {
            return double.PositiveInfinity;
        }
        double largest = 0;
        foreach (float r in reference)
        {
            largest = float.IsFinite(r) ? Math.Max(largest, Math.Abs(r)) : largest;
        }
        double floor = Math.Max(FloorPart * largest, 1e-30);
        double worst = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            if (actual[i].Equals(reference[i]))
            {
                continue;
            }
            double difference = Math.Abs((double)actual[i] - reference[i]);
            double error = difference / Math.Max(Math.Abs(reference[i]), floor);
            worst = double.IsNaN(error) ? double.PositiveInfinity : Math.Max(worst, error);
        }
        return worst;
    }

    /// <summary>As above for the raw bytes of tensors of any type; integers must be equal.</summary>
    public static double MaxRelativeError(ElementType type, ReadOnlySpan<byte> actual, ReadOnlySpan<byte> reference) => type switch
    {
        ElementType.Float32 => MaxRelativeError(
            MemoryMarshal.Cast<byte, float>(actual),
            MemoryMarshal.Cast<byte, float>(reference)),
        ElementType.Float16 => MaxRelativeError(Widen(actual), Widen(reference)),
        _ => actual.SequenceEqual(reference) ? 0 : double.PositiveInfinity,
    };

    private static float[] Widen(ReadOnlySpan<byte> halves)
    {
        ReadOnlySpan<Half> from = MemoryMarshal.Cast<byte, Half>(halves);
        var to = new float[from.Length];
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = (float)from[i];
        }
        return to;
    }
}

namespace Tandem.Graphs.Slicing;

/// <summary>The part of an axis that one processor takes, as fractions: [Begin, End) of [0, 1).</summary>
/// <remarks>
/// A share is turned into indices by rounding begin and end to the nearest allowed index, each on its own; so shares that
/// meet (one's end is the next one's begin) cover every index exactly once, whatever the extent.
/// </remarks>
public readonly record struct Share(double Begin, double End)
{
    /// <summary>All of the axis.</summary>
    public static Share All { get; } = new(0, 1);

    /// <summary>The first half: the share that is measured of every kernel.</summary>
    public static Share FirstHalf { get; } = new(0, 0.5);

    /// <summary>The fraction of the axis that is covered.</summary>
    public double Size => End - Begin;

    /// <summary>The indices covered on an axis of this extent, in whole multiples of a granularity (the last may be less).</summary>
    public (long From, long To) Indices(long extent, long granularity = 1) =>
        (Index(Begin, extent, granularity), Index(End, extent, granularity));

    private static long Index(double fraction, long extent, long granularity)
    {
        if (fraction >= 1)
        {
            return extent;
        }
        long blocks = (long)Math.Round(fraction * extent / granularity, MidpointRounding.AwayFromZero);
        return Math.Clamp(blocks * granularity, 0, extent);
    }
}

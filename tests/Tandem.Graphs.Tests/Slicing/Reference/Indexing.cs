namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>Walks over the indices of a shape.</summary>
internal static class Indexing
{
    /// <summary>The coordinates of an element, given its place in row-major order.</summary>
    public static long[] Coordinates(long place, Shape shape)
    {
        long[] at = new long[shape.Rank];
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            (place, at[i]) = (place / shape[i], place % shape[i]);
        }
        return at;
    }

    /// <summary>
    /// The place of an element in row-major order; coordinates are aligned at the last axis and repeat where the extent
    /// is 1.
    /// </summary>
    public static long Place(ReadOnlySpan<long> at, Shape shape)
    {
        long place = 0;
        int skip = at.Length - shape.Rank;
        for (int i = 0; i < shape.Rank; i++)
        {
            place = (place * shape[i]) + (shape[i] == 1 ? 0 : at[i + skip]);
        }
        return place;
    }
}

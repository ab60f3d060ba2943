namespace Tandem.Processors;

/// <summary>A set of CPU cores as a bit mask: bit n of the mask, counted through its words, stands for core n.</summary>
internal static class AffinityMask
{
    /// <summary>The most cores that a mask holds; Linux's cpu_set_t has as many.</summary>
    public const int CoreLimit = 1024;

    /// <summary>Words of 64 bits in a mask.</summary>
    public const int WordCount = CoreLimit / 64;

    /// <summary>Writes the set into a mask of <see cref="WordCount"/> words.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A core's number is negative or too great.</exception>
    public static void Write(ReadOnlySpan<int> cores, Span<ulong> mask)
    {
        mask.Clear();
        foreach (int core in cores)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(core, nameof(cores));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(core, CoreLimit, nameof(cores));
            mask[core / 64] |= 1UL << (core % 64);
        }
    }

    /// <summary>The cores of a mask, lowest first.</summary>
    public static int[] Read(ReadOnlySpan<ulong> mask)
    {
        List<int> cores = [];
        for (int core = 0; core < mask.Length * 64; core++)
        {
            if ((mask[core / 64] >> (core % 64) & 1) != 0)
            {
                cores.Add(core);
            }
        }
        return [.. cores];
    }
}

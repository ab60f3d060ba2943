namespace Tandem.Prediction;

/// <summary>Names of what a profile knows of links and overheads. Persisted: names never change.</summary>
public static class CostNames
{
    /// <summary>The subject of costs of the memory that processors share, and of handing over between their threads.</summary>
    public const string Memory = "shared memory";

    /// <summary>From one worker thread's signal to the other's going on, in microseconds.</summary>
    public const string HandOver = "hand-over";

    /// <summary>Copying rows of a tensor into or out of a processor's own memory, in GB/s.</summary>
    public const string RowCopy = "row copy";

    /// <summary>Reading memory by one core, in GB/s.</summary>
    public const string ReadBandwidth = "read bandwidth";

    /// <summary>Running the smallest possible slice, in microseconds; its subject is the processor's key.</summary>
    public const string Launch = "launch";

    /// <summary>Of that: getting inputs in and outputs out (map, unmap, copy), in microseconds.</summary>
    public const string Map = "map and unmap";

    /// <summary>
    /// Running a slice with a megabyte in and out, which the host writes and reads, with tensors shared in one way, in microseconds; its
    /// subject is the processor's key.
    /// </summary>
    public static string HandOverBy(string way) => HandOverPrefix + way;

    /// <summary>The unit of a variant, or of a way to share tensors, that failed; its value is 0.</summary>
    public const string FailedUnit = "failed";

    private const string HandOverPrefix = "tensors by ";
    private const string HalfPrefix = "half of rounds ";
    private const string TunedPrefix = "tuned kernel ";
    private const string VariantPrefix = "variant ";
    private const string VariantOfClass = " of ";

    /// <summary>That all variants of a kernel were measured, whose key this is; the value is how many there are.</summary>
    public static string Tuned(string kernelKey) => TunedPrefix + kernelKey;

    /// <summary>Running a kernel of a class in one variant, in microseconds; its subject is the processor's key.</summary>
    public static string VariantOf(string kernelClass, string variant) => VariantPrefix + variant + VariantOfClass + kernelClass;

    /// <summary>Reads a name that <see cref="VariantOf"/> made.</summary>
    /// <returns>The class and the variant; null where the name is of something else.</returns>
    public static (string KernelClass, string Variant)? ReadVariant(string name)
    {
        int end = name.IndexOf(VariantOfClass, StringComparison.Ordinal);
        return name.StartsWith(VariantPrefix, StringComparison.Ordinal) && end >= VariantPrefix.Length
            ? (name[(end + VariantOfClass.Length)..], name[VariantPrefix.Length..end])
            : null;
    }

    /// <summary>
    /// The median of half of a random kernel's rounds, in milliseconds; its subject is the processor's key. Two halves say how well the
    /// sample of this key repeats.
    /// </summary>
    public static string HalfOfRounds(string kernelKey, int half) => FormattableString.Invariant($"{HalfPrefix}{half} of {kernelKey}");

    /// <summary>Whether a name is about half of a random kernel's rounds, which only those who judge samples read.</summary>
    public static bool IsOfSampling(string name) => name.StartsWith(HalfPrefix, StringComparison.Ordinal);

    /// <summary>Whether a name is about tuning, which only the tuner reads.</summary>
    public static bool IsOfTuning(string name) =>
        ReadVariant(name) is not null || name.StartsWith(TunedPrefix, StringComparison.Ordinal);

    /// <summary>
    /// How many times longer a processor takes for what waits for memory while the others stream memory; its subject is the
    /// processor's key.
    /// </summary>
    public const string MemoryContention = "contention of memory";

    /// <summary>The same for what computes from its caches.</summary>
    public const string ComputeContention = "contention of computing";
}

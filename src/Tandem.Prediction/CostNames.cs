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
    /// How many times longer a processor takes for what waits for memory while the others stream memory; its subject is the
    /// processor's key.
    /// </summary>
    public const string MemoryContention = "contention of memory";

    /// <summary>The same for what computes from its caches.</summary>
    public const string ComputeContention = "contention of computing";
}

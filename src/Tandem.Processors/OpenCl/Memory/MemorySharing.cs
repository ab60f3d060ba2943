namespace Tandem.Processors.OpenCl;

/// <summary>How host memory and a device's memory relate, which decides what a run does at its ends.</summary>
internal enum MemorySharing
{
    /// <summary>The device reads and writes host memory coherently: nothing is done.</summary>
    Coherent,

    /// <summary>The same memory, but not coherent: views are unmapped before a run and mapped again after it.</summary>
    Mapped,

    /// <summary>The device has its own memory: views are written to it before a run and read back after it.</summary>
    Copied,

    /// <summary>
    /// Fine-grained shared virtual memory: kernels take the address of memory that the device allocated (or of any host memory,
    /// where it can), and nothing is done for a run. Ends in other memory are mapped.
    /// </summary>
    FineGrainedSvm,
}

/// <summary>How tensors get to the device and back, and how the host learns that a run has ended.</summary>
/// <param name="Sharing">How memory is shared.</param>
/// <param name="PollsFlag">Whether a kernel sets a flag in shared memory at the end, which the host polls, in place of clFinish.</param>
internal sealed record HandOverMode(MemorySharing Sharing, bool PollsFlag)
{
    /// <summary>The name. Persisted with what was measured: names never change.</summary>
    internal string Name => Sharing switch
    {
        MemorySharing.Coherent => "coherent",
        MemorySharing.Mapped => "mapped",
        MemorySharing.Copied => "copied",
        _ => PollsFlag ? "shared virtual memory, polled" : "shared virtual memory",
    };

    /// <summary>The ways that a device offers, the best guess first. Where CPU cores serve it there is nothing to choose.</summary>
    internal static IReadOnlyList<HandOverMode> OfferedBy(OpenClDevice device)
    {
        if (device.IsCpuBacked)
        {
            return [new(MemorySharing.Coherent, false)];
        }
        List<HandOverMode> offered = [new(MemorySharing.Mapped, false), new(MemorySharing.Copied, false)];
        if (!device.HasUnifiedMemory)
        {
            offered.Reverse();
        }
        if (device.HasFineGrainedSvm)
        {
            offered.Add(new(MemorySharing.FineGrainedSvm, false));
        }
        if (device.HasSvmAtomics)
        {
            offered.Add(new(MemorySharing.FineGrainedSvm, true));
        }
        return offered;
    }
}

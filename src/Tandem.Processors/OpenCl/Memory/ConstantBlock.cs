using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>Constants on the device: of one slice, or of all slices that have equal ones.</summary>
internal sealed class ConstantBlock(MemoryHandle device, SharedBuffer? host, long sizeInBytes, ulong? hash)
{
    /// <summary>The memory object.</summary>
    internal MemoryHandle Device => device;

    /// <summary>The host memory that the device reads in place; null where it has a copy.</summary>
    internal SharedBuffer? Host => host;

    /// <summary>Bytes of the contents.</summary>
    internal long SizeInBytes => sizeInBytes;

    /// <summary>Under what the block is found by slices with the same contents; null where it is not shared.</summary>
    internal ulong? Hash => hash;

    /// <summary>How many slices use it; guarded by the owner's lock.</summary>
    internal int Users { get; set; }
}

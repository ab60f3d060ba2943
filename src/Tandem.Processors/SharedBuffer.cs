using System.Runtime.InteropServices;

namespace Tandem.Processors;

/// <summary>
/// Host memory that processors read and write in place: page-aligned, so that OpenCL devices that share memory with the CPU
/// map it without a copy. Zero-filled when made.
/// </summary>
public sealed unsafe class SharedBuffer : SafeHandle
{
    /// <summary>Alignment of the memory in bytes.</summary>
    public const int AlignmentInBytes = 4096;

    private readonly Action<nint>? _free;

    /// <summary>Allocates memory.</summary>
    /// <param name="sizeInBytes">At least one byte is allocated; the size is rounded up to the alignment.</param>
    public SharedBuffer(long sizeInBytes) : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeInBytes);
        nuint rounded = ((nuint)Math.Max(1, sizeInBytes) + AlignmentInBytes - 1) / AlignmentInBytes * AlignmentInBytes;
        void* memory = NativeMemory.AlignedAlloc(rounded, AlignmentInBytes);
        NativeMemory.Clear(memory, rounded);
        SetHandle((nint)memory);
        SizeInBytes = sizeInBytes;
        AllocatedBytes = (long)rounded;
    }

    /// <summary>Takes over memory that a device has allocated, zero-filled here.</summary>
    /// <param name="memory">The first byte, aligned as all shared buffers.</param>
    /// <param name="sizeInBytes">The size that was asked for.</param>
    /// <param name="allocatedBytes">The size that was allocated.</param>
    /// <param name="owner">What allocated it, by which it is recognised.</param>
    /// <param name="free">Frees the memory.</param>
    internal SharedBuffer(nint memory, long sizeInBytes, long allocatedBytes, object owner, Action<nint> free) : base(0, ownsHandle: true)
    {
        NativeMemory.Clear((void*)memory, (nuint)allocatedBytes);
        SetHandle(memory);
        SizeInBytes = sizeInBytes;
        AllocatedBytes = allocatedBytes;
        Owner = owner;
        _free = free;
    }

    /// <summary>Memory that processors share: from the first of them that wants it to be of its own, else from the host.</summary>
    public static SharedBuffer For(IEnumerable<IProcessor> users, long sizeInBytes) =>
        users.OfType<ISharedMemorySource>().Select(source => source.TryAllocate(sizeInBytes)).FirstOrDefault(buffer => buffer is not null)
        ?? new SharedBuffer(sizeInBytes);

    /// <summary>The size that was asked for.</summary>
    public long SizeInBytes { get; }

    /// <summary>The size that was allocated: a multiple of the alignment.</summary>
    public long AllocatedBytes { get; }

    /// <summary>The first byte. Valid as long as the buffer is not disposed.</summary>
    public byte* Pointer => (byte*)handle;

    /// <summary>The device's allocator that the memory is from; null where it is the host's.</summary>
    internal object? Owner { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The memory as a span of elements.</summary>
    /// <exception cref="ObjectDisposedException">The memory has been freed.</exception>
    public Span<T> AsSpan<T>() where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new((void*)handle, checked((int)(SizeInBytes / sizeof(T))));
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (_free is null)
        {
            NativeMemory.AlignedFree((void*)handle);
        }
        else
        {
            _free(handle);
        }
        return true;
    }
}

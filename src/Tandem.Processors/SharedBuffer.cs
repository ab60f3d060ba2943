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

    /// <summary>The size that was asked for.</summary>
    public long SizeInBytes { get; }

    /// <summary>The size that was allocated: a multiple of the alignment.</summary>
    public long AllocatedBytes { get; }

    /// <summary>The first byte. Valid as long as the buffer is not disposed.</summary>
    public byte* Pointer => (byte*)handle;

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
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}

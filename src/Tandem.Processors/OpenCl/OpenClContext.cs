using Tandem.Processors.OpenCl.Interop;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl;

/// <summary>A context on one device, and what is made in it.</summary>
internal sealed unsafe class OpenClContext : IDisposable
{
    internal OpenClContext(OpenClDevice device, MemorySharing? sharing)
    {
        Device = device;
        Sharing = sharing ?? (device.IsCpuBacked ? MemorySharing.Coherent
            : device.HasUnifiedMemory ? MemorySharing.Mapped
            : MemorySharing.Copied);
        nint id = device.Id;
        nint* properties = stackalloc nint[] { OpenClConstants.ContextPlatform, device.PlatformId, 0 };
        int status;
        nint context = OpenClNative.clCreateContext(properties, 1, &id, 0, 0, &status);
        OpenClStatus.Check(status, "clCreateContext");
        Handle = new ContextHandle(context);
        Constants = new SharedConstants(this);
    }

    internal OpenClDevice Device { get; }

    internal MemorySharing Sharing { get; }

    internal ContextHandle Handle { get; }

    /// <summary>The constants of all slices.</summary>
    internal SharedConstants Constants { get; }

    /// <summary>A new in-order queue; each bound slice has its own, so that they can run at the same time.</summary>
    internal QueueHandle CreateQueue()
    {
        int status;
        nint queue = OpenClNative.clCreateCommandQueue(Handle, Device.Id, 0, &status);
        OpenClStatus.Check(status, "clCreateCommandQueue");
        return new QueueHandle(queue);
    }

    /// <summary>Memory of the device's own.</summary>
    internal MemoryHandle Allocate(long sizeInBytes) => Create(OpenClConstants.MemoryReadWrite, sizeInBytes, null);

    /// <summary>Host memory that the device uses where it is.</summary>
    internal MemoryHandle Wrap(SharedBuffer buffer) =>
        Create(OpenClConstants.MemoryReadWrite | OpenClConstants.MemoryUseHostPointer, buffer.AllocatedBytes, buffer.Pointer);

    /// <summary>Memory of the device's own with the contents of host memory.</summary>
    internal MemoryHandle Copy(SharedBuffer buffer) =>
        Create(OpenClConstants.MemoryReadOnly | OpenClConstants.MemoryCopyHostPointer, buffer.AllocatedBytes, buffer.Pointer);

    /// <summary>An image of the device's own, of four numbers for each pixel, with the contents of host memory.</summary>
    /// <param name="buffer">The pixels, row after row.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="isHalf">Whether the numbers are of half precision.</param>
    internal MemoryHandle CopyImage(SharedBuffer buffer, int width, int height, bool isHalf)
    {
        var format = new ImageFormat
        {
            Order = OpenClConstants.ImageOrderRgba,
            Type = isHalf ? OpenClConstants.ImageTypeHalf : OpenClConstants.ImageTypeFloat,
        };
        var description = new ImageDescription
        {
            Type = OpenClConstants.MemoryObjectImage2D,
            Width = (nuint)width,
            Height = (nuint)height,
        };
        ulong flags = OpenClConstants.MemoryReadOnly | OpenClConstants.MemoryCopyHostPointer;
        int status;
        nint image = OpenClNative.clCreateImage(Handle, flags, &format, &description, buffer.Pointer, &status);
        OpenClStatus.Check(status, "clCreateImage");
        return new MemoryHandle(image);
    }

    public void Dispose() => Handle.Dispose();

    private MemoryHandle Create(ulong flags, long sizeInBytes, void* host)
    {
        int status;
        nint memory = OpenClNative.clCreateBuffer(Handle, flags, (nuint)sizeInBytes, host, &status);
        OpenClStatus.Check(status, "clCreateBuffer");
        return new MemoryHandle(memory);
    }
}

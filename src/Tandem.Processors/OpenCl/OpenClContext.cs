using Tandem.Processors.OpenCl.Interop;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl;

/// <summary>A context on one device, and what is made in it.</summary>
internal sealed unsafe class OpenClContext : IDisposable
{
    // CL_MEM_OBJECT_ALLOCATION_FAILURE: the function itself gives no status.
    private const int OutOfSvm = -4;

    internal OpenClContext(OpenClDevice device, MemorySharing? sharing)
    {
        Device = device;
        HandOvers = HandOverMode.OfferedBy(device);
        HandOver = sharing is { } chosen ? new HandOverMode(chosen, false) : HandOvers[0];
        nint id = device.Id;
        nint* properties = stackalloc nint[] { OpenClConstants.ContextPlatform, device.PlatformId, 0 };
        int status;
        nint context = OpenClNative.clCreateContext(properties, 1, &id, 0, 0, &status);
        OpenClStatus.Check(status, "clCreateContext");
        Handle = new ContextHandle(context);
        Constants = new SharedConstants(this);
    }

    internal OpenClDevice Device { get; }

    /// <summary>The ways to share tensors that the device offers, the best guess first.</summary>
    internal IReadOnlyList<HandOverMode> HandOvers { get; }

    /// <summary>The way that slices use which are bound from now on.</summary>
    internal HandOverMode HandOver { get; set; }

    internal MemorySharing Sharing => HandOver.Sharing;

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

    /// <summary>Memory that the host and kernels use at the same time, aligned to pages. It keeps the context until it is freed.</summary>
    /// <exception cref="OpenClException">The device has no memory left.</exception>
    internal SharedBuffer AllocateSvm(long sizeInBytes)
    {
        long rounded = (Math.Max(1, sizeInBytes) + SharedBuffer.AlignmentInBytes - 1) / SharedBuffer.AlignmentInBytes
            * SharedBuffer.AlignmentInBytes;
        ulong flags = OpenClConstants.MemoryReadWrite | OpenClConstants.MemorySvmFineGrainBuffer
            | (Device.HasSvmAtomics ? OpenClConstants.MemorySvmAtomics : 0);
        // Drivers need not align beyond their largest type, so there is room to align here.
        void* memory = OpenClNative.clSVMAlloc(Handle, flags, (nuint)(rounded + SharedBuffer.AlignmentInBytes), 0);
        if (memory is null)
        {
            throw new OpenClException("clSVMAlloc", OutOfSvm);
        }
        bool held = false;
        Handle.DangerousAddRef(ref held);
        nint aligned = ((nint)memory + SharedBuffer.AlignmentInBytes - 1) & -SharedBuffer.AlignmentInBytes;
        return new SharedBuffer(aligned, sizeInBytes, rounded, this, _ =>
        {
            OpenClNative.clSVMFree(Handle.DangerousGetHandle(), memory);
            Handle.DangerousRelease();
        });
    }

    /// <summary>Whether kernels can take the address of a buffer.</summary>
    internal bool CanAddress(SharedBuffer buffer) => ReferenceEquals(buffer.Owner, this) || Device.HasSystemSvm;

    public void Dispose() => Handle.Dispose();

    private MemoryHandle Create(ulong flags, long sizeInBytes, void* host)
    {
        int status;
        nint memory = OpenClNative.clCreateBuffer(Handle, flags, (nuint)sizeInBytes, host, &status);
        OpenClStatus.Check(status, "clCreateBuffer");
        return new MemoryHandle(memory);
    }
}

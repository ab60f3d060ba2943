using System.Text;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl;

/// <summary>An OpenCL device as its driver describes it.</summary>
public sealed unsafe class OpenClDevice
{
    private const string PoclPlatform = "Portable Computing Language";
    private const string HalfPrecisionExtension = "cl_khr_fp16";

    private OpenClDevice(nint platform, nint id, int place)
    {
        PlatformId = platform;
        Place = place;
        Id = id;
        PlatformName = PlatformText(platform, OpenClConstants.PlatformName);
        Name = DeviceText(id, OpenClConstants.DeviceName);
        DriverVersion = DeviceText(id, OpenClConstants.DriverVersion);
        Version = DeviceText(id, OpenClConstants.DeviceVersion);
        Type = TypeOf(DeviceNumber(id, OpenClConstants.DeviceType));
        IsCpuBacked = Type == OpenClDeviceType.Cpu;
        ComputeUnits = (int)DeviceNumber(id, OpenClConstants.DeviceMaxComputeUnits);
        MemoryBytes = (long)DeviceNumber(id, OpenClConstants.DeviceGlobalMemory);
        MaxAllocationBytes = (long)DeviceNumber(id, OpenClConstants.DeviceMaxMemoryAllocation);
        MaxWorkGroupSize = (long)DeviceNumber(id, OpenClConstants.DeviceMaxWorkGroupSize);
        LocalMemoryBytes = (long)DeviceNumber(id, OpenClConstants.DeviceLocalMemory);
        bool hasImages = DeviceNumber(id, OpenClConstants.DeviceImageSupport) != 0;
        MaxImageWidth = hasImages ? (long)DeviceNumber(id, OpenClConstants.DeviceImageMaxWidth) : 0;
        MaxImageHeight = hasImages ? (long)DeviceNumber(id, OpenClConstants.DeviceImageMaxHeight) : 0;
        HasHalfPrecision = DeviceText(id, OpenClConstants.DeviceExtensions).Split(' ').Contains(HalfPrecisionExtension);
        Svm = SvmOf(id);
        HasUnifiedMemory = DeviceNumber(id, OpenClConstants.DeviceHostUnifiedMemory) != 0;
        IReadOnlyList<IReadOnlyList<int>> cores = OpenClStartup.Cores;
        Cores = !IsCpuBacked ? [] : PlatformName == PoclPlatform && place < cores.Count ? cores[place] : cores[0];
    }

    /// <summary>The platform's (driver's) name, such as "Portable Computing Language".</summary>
    public string PlatformName { get; }

    /// <summary>The hardware's name as the driver gives it.</summary>
    public string Name { get; }

    /// <summary>The driver's version.</summary>
    public string DriverVersion { get; }

    /// <summary>The OpenCL version it supports and the driver's own addition to it.</summary>
    public string Version { get; }

    /// <summary>What the device calls itself.</summary>
    public OpenClDeviceType Type { get; }

    /// <summary>How many compute units (on a CPU: cores) it has.</summary>
    public int ComputeUnits { get; }

    /// <summary>Its memory in bytes.</summary>
    public long MemoryBytes { get; }

    /// <summary>The most bytes that one memory object can have.</summary>
    public long MaxAllocationBytes { get; }

    /// <summary>The most work-items that a work-group can have.</summary>
    public long MaxWorkGroupSize { get; }

    /// <summary>The memory that a work-group can have for itself, in bytes.</summary>
    public long LocalMemoryBytes { get; }

    /// <summary>
    /// Whether it computes in half precision (cl_khr_fp16). Every device can store tensors so, which is all that the kernels use.
    /// </summary>
    public bool HasHalfPrecision { get; }

    /// <summary>The most columns that a two-dimensional image can have, in pixels; 0 where it has no images.</summary>
    public long MaxImageWidth { get; }

    /// <summary>The most rows that a two-dimensional image can have, in pixels; 0 where it has no images.</summary>
    public long MaxImageHeight { get; }

    /// <summary>Whether it works in the host's own memory.</summary>
    public bool HasUnifiedMemory { get; }

    /// <summary>Whether CPU cores do its work, as with PoCL: then memory is shared and coherent as it is.</summary>
    public bool IsCpuBacked { get; private set; }

    /// <summary>
    /// Whether the driver keeps built programs on disk itself. PoCL does, for each form in which a kernel is launched; asked
    /// for a program's binary, it would compile another form of every kernel, which is never run.
    /// </summary>
    internal bool KeepsPrograms => PlatformName == PoclPlatform;

    /// <summary>The CPU cores that do its work; empty where it is not CPU-backed.</summary>
    public IReadOnlyList<int> Cores { get; }

    /// <summary>How many work-items run at the same time, where CPU cores serve it.</summary>
    internal int Workers => Math.Max(1, Cores.Count);

    /// <summary>Whether the host and the device's kernels can use memory of the device's allocator at the same time.</summary>
    internal bool HasFineGrainedSvm => (Svm & (OpenClConstants.SvmFineGrainBuffer | OpenClConstants.SvmFineGrainSystem)) != 0;

    /// <summary>Whether they can use any host memory so.</summary>
    internal bool HasSystemSvm => (Svm & OpenClConstants.SvmFineGrainSystem) != 0;

    /// <summary>Whether they can signal each other through such memory.</summary>
    internal bool HasSvmAtomics => HasFineGrainedSvm && (Svm & OpenClConstants.SvmAtomics) != 0;

    private ulong Svm { get; }

    /// <summary>
    /// Held while a slice runs on CPU cores. PoCL 3.1 keeps one list of loaded kernels and finds an entry to give back by the kernel and the
    /// size of its work-groups: where two threads run a kernel in grids below and above 65,535 it gives back the wrong one, and ends the
    /// process. On the same cores slices could not run at the same time anyway.
    /// </summary>
    internal Lock Runs { get; } = new();

    /// <summary>Its place among the devices of its platform.</summary>
    internal int Place { get; }

    internal nint PlatformId { get; }

    internal nint Id { get; }

    /// <summary>
    /// All devices of this machine, GPUs first, then other accelerators, then CPUs. The first use of OpenCL in a process
    /// decides how many CPU-backed devices there are and on which cores they work.
    /// </summary>
    /// <param name="cores">
    /// The cores of each CPU-backed device, best first; none for the default (one device, on the last core). PoCL gives a device for each
    /// single core and one for several cores; further ones are left out.
    /// </param>
    public static OpenClDeviceList Enumerate(params IReadOnlyList<IReadOnlyList<int>> cores)
    {
        if (!OpenClLibrary.IsAvailable)
        {
            return new OpenClDeviceList([], "the OpenCL loader is not installed; install ocl-icd-libopencl1 (Debian) or a GPU driver");
        }
        return OpenClStartup.RunOnce(cores, () => List());
    }

    /// <summary>This device, used as if it were a GPU; to test the kernels for GPUs where there is none.</summary>
    internal OpenClDevice AsGpu()
    {
        var device = (OpenClDevice)MemberwiseClone();
        device.IsCpuBacked = false;
        return device;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({PlatformName}, driver {DriverVersion})";

    private static OpenClDeviceList List()
    {
        uint count;
        int status = OpenClNative.clGetPlatformIDs(0, null, &count);
        if (status != 0 || count == 0)
        {
            return new OpenClDeviceList([], "no OpenCL driver is installed; install a GPU driver, or pocl-opencl-icd to use the CPU");
        }
        var platforms = new nint[count];
        fixed (nint* first = platforms)
        {
            OpenClStatus.Check(OpenClNative.clGetPlatformIDs(count, first, null), "clGetPlatformIDs");
        }
        List<OpenClDevice> devices = [.. platforms.SelectMany(DevicesOf).OrderBy(device => device.Type)];
        return new OpenClDeviceList(devices, devices.Count == 0 ? "the installed OpenCL drivers find no device" : null);
    }

    private static IEnumerable<OpenClDevice> DevicesOf(nint platform)
    {
        uint count;
        int status = OpenClNative.clGetDeviceIDs(platform, OpenClConstants.DeviceTypeAll, 0, null, &count);
        if (status != 0 || count == 0)
        {
            return [];
        }
        var ids = new nint[count];
        fixed (nint* first = ids)
        {
            status = OpenClNative.clGetDeviceIDs(platform, OpenClConstants.DeviceTypeAll, count, first, null);
            OpenClStatus.Check(status, "clGetDeviceIDs");
        }
        return ids.Select((id, place) => new OpenClDevice(platform, id, place)).ToList();
    }

    private static OpenClDeviceType TypeOf(ulong bits) =>
        (bits & OpenClConstants.DeviceTypeGpu) != 0 ? OpenClDeviceType.Gpu
        : (bits & OpenClConstants.DeviceTypeCpu) != 0 ? OpenClDeviceType.Cpu
        : OpenClDeviceType.Other;

    private static ulong DeviceNumber(nint device, uint name)
    {
        ulong value = 0;
        OpenClStatus.Check(OpenClNative.clGetDeviceInfo(device, name, sizeof(ulong), &value, null), "clGetDeviceInfo");
        return value;
    }

    /// <summary>What shared virtual memory the device has: none before OpenCL 2.0, whose drivers or loader do not know the question.</summary>
    private static ulong SvmOf(nint device)
    {
        ulong value = 0;
        bool known = OpenClLibrary.Has("clSVMAlloc") && OpenClLibrary.Has("clSVMFree") && OpenClLibrary.Has("clSetKernelArgSVMPointer");
        return known
            && OpenClNative.clGetDeviceInfo(device, OpenClConstants.DeviceSvmCapabilities, sizeof(ulong), &value, null) == 0 ? value : 0;
    }

    private static string DeviceText(nint device, uint name)
    {
        nuint size;
        OpenClStatus.Check(OpenClNative.clGetDeviceInfo(device, name, 0, null, &size), "clGetDeviceInfo");
        var bytes = new byte[size];
        fixed (byte* first = bytes)
        {
            OpenClStatus.Check(OpenClNative.clGetDeviceInfo(device, name, size, first, null), "clGetDeviceInfo");
        }
        return Text(bytes);
    }

    private static string PlatformText(nint platform, uint name)
    {
        nuint size;
        OpenClStatus.Check(OpenClNative.clGetPlatformInfo(platform, name, 0, null, &size), "clGetPlatformInfo");
        var bytes = new byte[size];
        fixed (byte* first = bytes)
        {
            OpenClStatus.Check(OpenClNative.clGetPlatformInfo(platform, name, size, first, null), "clGetPlatformInfo");
        }
        return Text(bytes);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();
}

namespace Tandem.Processors.OnnxRuntime;

/// <summary>Names a kind of memory. Host memory is the one kind that the product hands to ONNX Runtime.</summary>
public sealed unsafe class OrtMemoryInfo
{
    private const int DeviceAllocator = 0;
    private const int DefaultMemoryType = 0;

    private static readonly Lazy<OrtMemoryInfo> _default = new(() => new OrtMemoryInfo());

    private OrtMemoryInfo()
    {
        OrtEnv.Instance();
        OrtApi api = OrtApi.Current;
        nint info;
        api.Check(api.CreateCpuMemoryInfo(DeviceAllocator, DefaultMemoryType, &info));
        Pointer = info;
    }

    /// <summary>Host memory. Belongs to the process; never disposed.</summary>
    public static OrtMemoryInfo DefaultInstance => _default.Value;

    // Never released: the one instance serves until the process ends.
    internal nint Pointer { get; }
}

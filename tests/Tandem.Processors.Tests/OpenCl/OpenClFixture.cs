using Tandem.Processors.OnnxRuntime;
using Tandem.Processors.OpenCl;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>The OpenCL device of this machine and its reference, shared by tests as building programs takes seconds.</summary>
public sealed class OpenClFixture : IDisposable
{
    private readonly Lazy<OpenClProcessor> _processor = new(() => new OpenClProcessor(Options()));
    private readonly Lazy<OpenClProcessor> _gpuForm = new(() => new OpenClProcessor(Options() with { TreatAsGpu = true }));
    private readonly Lazy<OrtProcessor> _reference = new(() => new OrtProcessor(new OrtProcessorOptions()));

    /// <summary>The processor; skips the test where there is no device.</summary>
    public OpenClProcessor Processor
    {
        get
        {
            RequireDevice();
            return _processor.Value;
        }
    }

    /// <summary>The same device with the kernels for GPUs; skips the test where there is no device.</summary>
    public OpenClProcessor GpuForm
    {
        get
        {
            RequireDevice();
            return _gpuForm.Value;
        }
    }

    /// <summary>The processor that results are compared with.</summary>
    public OrtProcessor Reference => _reference.Value;

    /// <summary>Skips the test where there is no device.</summary>
    public static void RequireDevice() =>
        Assert.SkipWhen(OpenClDevice.Enumerate().Devices.Count == 0, OpenClDevice.Enumerate().ReasonForNone ?? "");

    /// <summary>Options whose programs are kept between test runs.</summary>
    public static OpenClProcessorOptions Options() =>
        new() { CacheDirectory = Path.Combine(Path.GetTempPath(), "tandem-test-opencl") };

    public void Dispose()
    {
        if (_processor.IsValueCreated)
        {
            _processor.Value.Dispose();
        }
        if (_gpuForm.IsValueCreated)
        {
            _gpuForm.Value.Dispose();
        }
        if (_reference.IsValueCreated)
        {
            _reference.Value.Dispose();
        }
    }
}

/// <summary>Tests that share the device run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedOpenCl : ICollectionFixture<OpenClFixture>
{
    public const string Name = "OpenCL";
}

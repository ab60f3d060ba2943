using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;
using Tandem.Processors.OpenCl;

namespace Tandem.Execution;

/// <summary>
/// The processors of this machine: "cpu", "gpu" where there is one, "cpu-opencl" where OpenCL has kernels for the CPU's cores too, and
/// "ort-all-cores".
/// </summary>
public sealed class LocalDevice : IDisposable
{
    /// <summary>Name of the CPU processor.</summary>
    public const string CpuName = "cpu";

    /// <summary>Name of the CPU with OpenCL kernels; takes turns with <see cref="CpuName"/>.</summary>
    public const string CpuOpenClName = "cpu-opencl";

    /// <summary>Name of the GPU processor.</summary>
    public const string GpuName = "gpu";

    /// <summary>Name of ONNX Runtime on all cores.</summary>
    public const string AllCoresName = "ort-all-cores";

    /// <summary>Makes a device of given processors.</summary>
    /// <param name="cooperating">Processors that may work side by side; at least one.</param>
    /// <param name="allCores">What is compared with, or null.</param>
    /// <param name="gpuAbsence">Why there is no GPU; null where there is one.</param>
    public LocalDevice(IReadOnlyList<IProcessor> cooperating, IProcessor? allCores, string? gpuAbsence = null)
    {
        Cooperating = cooperating;
        AllCores = allCores;
        GpuAbsence = gpuAbsence;
        All = allCores is null ? cooperating : [.. cooperating, allCores];
        ByName = All.ToDictionary(p => p.Info.Name);
    }

    /// <summary>Processors that may work side by side, the CPU first; second engines, which take turns with another, last.</summary>
    public IReadOnlyList<IProcessor> Cooperating { get; }

    /// <summary>ONNX Runtime on all cores.</summary>
    public IProcessor? AllCores { get; }

    /// <summary>Every processor.</summary>
    public IReadOnlyList<IProcessor> All { get; }

    /// <summary>Every processor by name.</summary>
    public IReadOnlyDictionary<string, IProcessor> ByName { get; }

    /// <summary>Why there is no processor "gpu", and what to do; null where there is one.</summary>
    public string? GpuAbsence { get; }

    /// <summary>Finds this machine's processors.</summary>
    /// <exception cref="ProcessorFailedException">ONNX Runtime is not installed.</exception>
    /// <exception cref="TandemException">A core that was asked for does not exist.</exception>
    public static LocalDevice Open(LocalDeviceOptions? options = null)
    {
        options ??= new LocalDeviceOptions();
        UnusedMemory.MapLargeBlocks();
        int cores = Environment.ProcessorCount;
        RequireCores(options.CpuCores, cores);
        RequireCores(options.GpuCores, cores);
        (IProcessor? gpu, string? absence) = OpenGpu(options, cores);
        try
        {
            IReadOnlyList<int> cpuCores = options.CpuCores ?? CoresBeside(gpu?.Info.Cores, cores);
            var cpu = new OrtProcessor(new OrtProcessorOptions { Name = CpuName, Threads = cpuCores.Count, Cores = cpuCores });
            IProcessor? second = OpenSecondEngine(options, cpu, gpu);
            var allCores = new OrtProcessor(new OrtProcessorOptions
            {
                Name = AllCoresName,
                Threads = options.AllCoresThreads ?? cores,
            });
            return new LocalDevice([.. new[] { cpu, gpu, second }.OfType<IProcessor>()], allCores, absence);
        }
        catch
        {
            gpu?.Dispose();
            throw;
        }
    }

    private static (IProcessor? Gpu, string? Absence) OpenGpu(LocalDeviceOptions options, int cores)
    {
        if (options.GpuEngine.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            return (null, "switched off");
        }
        IReadOnlyList<int> gpuCores = options.GpuCores ?? [cores - 1];
        if (!options.GpuEngine.Equals("opencl", StringComparison.OrdinalIgnoreCase))
        {
            return (OpenProvider(options.GpuEngine, gpuCores), null);
        }
        OpenClDeviceList found = ListOpenCl(options, cores);
        if (found.ReasonForNone is { } reason)
        {
            return (null, reason);
        }
        bool onlyCpuBacked = found.Devices.All(d => d.IsCpuBacked);
        if (onlyCpuBacked && cores == 1 && options.GpuCores is null)
        {
            return (null, "the only OpenCL device is served by the one CPU core there is");
        }
        return (new OpenClProcessor(new OpenClProcessorOptions { Name = GpuName, Device = options.OpenClDevice, Cores = gpuCores }), null);
    }

    /// <summary>The OpenCL devices; CPU-backed ones for the GPU's cores and, as a second engine, for the CPU's.</summary>
    private static OpenClDeviceList ListOpenCl(LocalDeviceOptions options, int cores)
    {
        IReadOnlyList<int> gpuCores = options.GpuCores ?? [cores - 1];
        return options.CpuHasOpenCl
            ? OpenClDevice.Enumerate(gpuCores, options.CpuCores ?? CoresBeside(gpuCores, cores))
            : OpenClDevice.Enumerate(gpuCores);
    }

    /// <summary>OpenCL kernels on the CPU's own cores, or most of them; null where no driver has any that the GPU does not use.</summary>
    private static OpenClProcessor? OpenSecondEngine(LocalDeviceOptions options, OrtProcessor cpu, IProcessor? gpu)
    {
        OpenClDevice? device = !options.CpuHasOpenCl ? null : ListOpenCl(options, Environment.ProcessorCount).Devices
            .Where(d => d.IsCpuBacked && !d.Cores.Except(cpu.Info.Cores).Any() && !d.Cores.Intersect(gpu?.Info.Cores ?? []).Any())
            .MaxBy(d => d.Cores.Count);
        return device is null ? null : new OpenClProcessor(new OpenClProcessorOptions
        {
            Name = CpuOpenClName,
            Worker = CpuName,
            Type = OpenClDeviceType.Cpu,
            Cores = device.Cores,
        });
    }

    /// <summary>A second processor through ONNX Runtime; the provider "CPU" makes it the other cores (a second CPU cluster).</summary>
    private static OrtProcessor OpenProvider(string provider, IReadOnlyList<int> cores) =>
        provider.Equals("CPU", StringComparison.OrdinalIgnoreCase)
            ? new OrtProcessor(new OrtProcessorOptions { Name = GpuName, Threads = cores.Count, Cores = cores })
            : new OrtProcessor(new OrtProcessorOptions { Name = GpuName, ExecutionProvider = provider });

    private static int[] CoresBeside(IReadOnlyList<int>? taken, int cores)
    {
        int[] rest = [.. Enumerable.Range(0, cores).Except(taken ?? [])];
        return rest.Length > 0 ? rest : [0];
    }

    private static void RequireCores(IReadOnlyList<int>? asked, int cores)
    {
        if (asked?.FirstOrDefault(core => core < 0 || core >= cores, -1) is { } wrong && asked.Contains(wrong))
        {
            throw new TandemException($"there is no core {wrong}: this machine has cores 0 to {cores - 1}");
        }
    }

    /// <summary>Ends all processors.</summary>
    public void Dispose()
    {
        foreach (IProcessor processor in All)
        {
            processor.Dispose();
        }
    }
}

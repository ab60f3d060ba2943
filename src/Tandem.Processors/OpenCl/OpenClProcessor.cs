using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions.Gpu;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl;

/// <summary>Runs slices on an OpenCL device with the project's own kernels.</summary>
/// <remarks>Slices may be compiled, and different bound slices run, by several threads at once.</remarks>
public sealed class OpenClProcessor : ITunableProcessor, IHandOverChoice, ISharedMemorySource
{
    private readonly OpenClContext _context;
    private readonly ProgramBuilder _programs;
    private readonly AttachedBuffers _buffers;
    private readonly KernelChoices _choices = new();
    private bool _disposed;

    /// <summary>Makes a processor on the device that the options choose.</summary>
    /// <exception cref="ProcessorFailedException">There is no such device, or the driver fails; the message says what to do.</exception>
    public OpenClProcessor(OpenClProcessorOptions options)
    {
        OpenClDevice device = Choose(options);
        try
        {
            _context = new OpenClContext(device, options.Sharing);
        }
        catch (OpenClException exception)
        {
            throw new ProcessorFailedException($"OpenCL device {device} cannot be used: {exception.Message}", exception);
        }
        Device = device;
        _programs = new ProgramBuilder(_context, device.KeepsPrograms ? null : new BinaryCache(options.CacheDirectory));
        _buffers = new AttachedBuffers(_context);
        Info = new ProcessorInfo(
            options.Name,
            options.Worker is null ? ProcessorKind.Gpu : ProcessorKind.Cpu,
            "opencl",
            $"{device.DriverVersion}, kernels {ProgramSources.Version}",
            device.Name,
            device.IsCpuBacked ? device.Cores : [],
            device.IsCpuBacked ? device.Cores.Count : device.ComputeUnits,
            device.IsCpuBacked)
        {
            Worker = options.Worker ?? options.Name,
        };
    }

    /// <inheritdoc/>
    public ProcessorInfo Info { get; }

    /// <summary>The device it runs on.</summary>
    public OpenClDevice Device { get; }

    /// <summary>The types of operators that can be run.</summary>
    public static IReadOnlyCollection<string> SupportedOperators => Operators.OperatorLowerings.Types;

    internal ProgramBuilder Programs => _programs;

    internal OpenClContext Context => _context;

    /// <inheritdoc/>
    public void EnterWorkerThread()
    {
        if (Device.IsCpuBacked)
        {
            _ = ThreadAffinity.Pin([.. Info.Cores]);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ProcessorFailedException">The driver cannot build a kernel.</exception>
    public ICompiledSlice Compile(Graph slice) => Compile(slice, isHalf: false);

    /// <inheritdoc/>
    /// <remarks>
    /// On GPUs: weights and the tensors in between are stored in half precision, which halves the memory that kernels read and write;
    /// sums are of single precision, as are the slice's ends. Kernels for CPU-backed devices know single precision only.
    /// </remarks>
    public bool HasHalfPrecision => !Device.IsCpuBacked;

    /// <inheritdoc/>
    /// <exception cref="ProcessorFailedException">The driver cannot build a kernel.</exception>
    public ICompiledSlice CompileHalf(Graph slice) => HasHalfPrecision
        ? Compile(slice, isHalf: true)
        : throw new SliceRefusedException(Info.Name, slice, "kernels for CPU-backed devices have no half precision");

    private OpenClCompiledSlice Compile(Graph slice, bool isHalf)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var constants = new ConstantPool(_context, slice.Constants.Values.Sum(c => c.Tensor.Shape.ElementCount), isHalf);
        try
        {
            SliceProgram program = new SliceCompiler(Info.Name, slice, Device, constants, _choices).Compile();
            foreach (ProgramKey key in program.Launches.Select(launch => launch.Program).Distinct())
            {
                _ = _programs.Get(key);
            }
            constants.Upload();
            var compiled = new OpenClCompiledSlice(Info.Name, slice.WithoutConstants(), _context, _programs, _buffers, constants, program);
            WarmUp(compiled);
            return compiled;
        }
        catch (OpenClException exception)
        {
            constants.Dispose();
            throw new ProcessorFailedException(
                $"processor '{Info.Name}' cannot compile slice '{slice.Name}': {exception.Message}", exception);
        }
        catch
        {
            constants.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<TunableKernel> TunableKernels(Graph slice)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return KernelSurvey.Of(Info.Name, slice, _context);
    }

    /// <inheritdoc/>
    public void UseVariant(string kernelClass, string? variant)
    {
        if (KernelClass.TryParse(kernelClass, out KernelClass? kernels))
        {
            _choices.Use(kernels.Value, variant);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> HandOvers => [.. _context.HandOvers.Select(mode => mode.Name)];

    /// <inheritdoc/>
    public string HandOver
    {
        get => _context.HandOver.Name;
        set => _context.HandOver = _context.HandOvers.FirstOrDefault(mode => mode.Name == value)
            ?? throw new ArgumentException($"{Device} does not offer '{value}'", nameof(value));
    }

    /// <inheritdoc/>
    /// <exception cref="ProcessorFailedException">The device has no memory left.</exception>
    public SharedBuffer? TryAllocate(long sizeInBytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            return _context.Sharing == MemorySharing.FineGrainedSvm && !Device.HasSystemSvm ? _context.AllocateSvm(sizeInBytes) : null;
        }
        catch (OpenClException exception)
        {
            throw new ProcessorFailedException(
                $"processor '{Info.Name}' cannot allocate {sizeInBytes} bytes: {exception.Message}", exception);
        }
    }

    /// <summary>Ends the processor. Everything that it compiled and bound is disposed before.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _programs.Dispose();
            _context.Dispose();
        }
    }

    /// <summary>
    /// Runs a slice once on memory of its own where it has kernels that were not run before: drivers may compile them to
    /// machine code only then, which takes up to seconds and can fail.
    /// </summary>
    private void WarmUp(OpenClCompiledSlice slice)
    {
        bool isNew = false;
        foreach (Launch launch in slice.Program.Launches)
        {
            isNew |= _programs.MarkRun(launch.Program, launch.Kernel);
        }
        if (!isNew)
        {
            return;
        }
        List<SharedBuffer> buffers = [];
        try
        {
            using IBoundSlice bound = slice.Bind(Views(slice.Graph.Inputs), Views(slice.Graph.Outputs));
            bound.Run();
        }
        finally
        {
            buffers.ForEach(buffer => buffer.Dispose());
        }

        TensorView[] Views(IReadOnlyList<Tensor> tensors) => [.. tensors.Select(tensor =>
        {
            buffers.Add(SharedBuffer.For([this], tensor.SizeInBytes));
            return new TensorView(buffers[^1], 0, tensor, TensorRange.Whole);
        })];
    }

    private static OpenClDevice Choose(OpenClProcessorOptions options)
    {
        OpenClDeviceList list = OpenClDevice.Enumerate(options.Cores is null ? [] : [options.Cores]);
        if (list.Devices.Count == 0)
        {
            throw new ProcessorFailedException($"there is no OpenCL device: {list.ReasonForNone}");
        }
        OpenClDevice[] fitting = [.. list.Devices.Where(device => Fits(device, options))];
        if (fitting.Length == 0)
        {
            throw new ProcessorFailedException(
                "no OpenCL device fits what was asked for; there are: " + string.Join("; ", list.Devices));
        }
        OpenClDevice chosen = fitting.FirstOrDefault(device => WorksOn(device, options.Cores))
            ?? throw new ProcessorFailedException(
                $"OpenCL already works on core(s) {string.Join(',', fitting[0].Cores)} in this process and cannot move to "
                + $"{string.Join(',', options.Cores!)}; choose the cores before OpenCL is first used");
        return options.TreatAsGpu ? chosen.AsGpu() : chosen;
    }

    private static bool WorksOn(OpenClDevice device, IReadOnlyList<int>? cores) =>
        !device.IsCpuBacked || cores is null or { Count: 0 } || cores.Order().SequenceEqual(device.Cores);

    private static bool Fits(OpenClDevice device, OpenClProcessorOptions options) =>
        (options.Type is null || device.Type == options.Type)
        && (options.AllowCpuBacked || !device.IsCpuBacked)
        && Contains(device.PlatformName, options.Platform)
        && Contains(device.Name, options.Device);

    private static bool Contains(string name, string? part) =>
        part is null || name.Contains(part, StringComparison.OrdinalIgnoreCase);
}

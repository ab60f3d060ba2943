using System.Globalization;
using System.Text;
using Tandem.Processors.OpenCl.Interop;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Programs;

/// <summary>Builds programs in one context, by way of the cache on disk.</summary>
/// <param name="context">The context.</param>
/// <param name="cache">The cache; null where the driver has one of its own.</param>
internal sealed unsafe class ProgramBuilder(OpenClContext context, BinaryCache? cache) : IDisposable
{
    private readonly Dictionary<ProgramKey, ProgramHandle> _programs = [];
    private readonly HashSet<(ProgramKey, string)> _run = [];
    private readonly Lock _gate = new();
    private readonly string _deviceOptions = string.Create(
        CultureInfo.InvariantCulture,
        $"-DCPU={(context.Device.IsCpuBacked ? 1 : 0)}"
        + $" -DV={Grids.VectorWidth(context.Device)} -DCHUNK={Grids.Chunk(context.Device)}")
        // PoCL 3.1 keeps one list of loaded kernels for all devices, by a hash of source and options, and mixes up what two threads use of it
        // (see OpenClDevice.Runs). So the kernels of another device are others.
        + (context.Device.Place > 0 ? FormattableString.Invariant($" -DPLACE={context.Device.Place}") : "");

    /// <summary>How many programs were compiled from source because the cache had none.</summary>
    internal int BuiltCount { get; private set; }

    /// <summary>The program, built at its first use.</summary>
    /// <exception cref="ProcessorFailedException">The driver cannot build it.</exception>
    internal ProgramHandle Get(ProgramKey key)
    {
        lock (_gate)
        {
            if (!_programs.TryGetValue(key, out ProgramHandle? program))
            {
                program = Load(key.Name, ProgramSources.Load(key.Name), $"-cl-std={key.Standard} {_deviceOptions} {key.Options}".Trim());
                _programs.Add(key, program);
            }
            return program;
        }
    }

    /// <summary>Marks a kernel as having been run, at which drivers may compile it to machine code.</summary>
    /// <returns>Whether it was not marked before.</returns>
    internal bool MarkRun(ProgramKey key, string name)
    {
        lock (_gate)
        {
            return _run.Add((key, name));
        }
    }

    /// <summary>A new kernel object, which one bound slice sets the arguments of.</summary>
    internal KernelHandle CreateKernel(ProgramKey key, string name)
    {
        int status;
        nint kernel = OpenClNative.clCreateKernel(Get(key), name, &status);
        OpenClStatus.Check(status, $"clCreateKernel({name})");
        return new KernelHandle(kernel);
    }

    /// <summary>Takes a program from the cache, or builds it and stores it there.</summary>
    internal ProgramHandle Load(string name, string source, string options)
    {
        if (cache is null)
        {
            return FromSource(name, source, options);
        }
        string key = BinaryCache.KeyOf(context.Device, source, options);
        if (cache.Read(key) is { } binary && FromBinary(binary, options) is { } cached)
        {
            return cached;
        }
        ProgramHandle program = FromSource(name, source, options);
        BuiltCount++;
        cache.Write(key, BinaryOf(program));
        return program;
    }

    public void Dispose()
    {
        foreach (ProgramHandle program in _programs.Values)
        {
            program.Dispose();
        }
    }

    private ProgramHandle? FromBinary(byte[] binary, string options)
    {
        nint device = context.Device.Id;
        nuint length = (nuint)binary.Length;
        int binaryStatus, status;
        fixed (byte* first = binary)
        {
            byte* bytes = first;
            nint raw = OpenClNative.clCreateProgramWithBinary(
                context.Handle, 1, &device, &length, &bytes, &binaryStatus, &status);
            if (status != 0 || binaryStatus != 0)
            {
                return null;
            }
            var program = new ProgramHandle(raw);
            if (OpenClNative.clBuildProgram(program, 1, &device, options, 0, 0) == 0)
            {
                return program;
            }
            program.Dispose();
            return null;
        }
    }

    private ProgramHandle FromSource(string name, string source, string options)
    {
        nint device = context.Device.Id;
        byte[] text = Encoding.UTF8.GetBytes(source);
        nuint length = (nuint)text.Length;
        int status;
        ProgramHandle program;
        fixed (byte* first = text)
        {
            byte* bytes = first;
            nint raw = OpenClNative.clCreateProgramWithSource(context.Handle, 1, &bytes, &length, &status);
            OpenClStatus.Check(status, "clCreateProgramWithSource");
            program = new ProgramHandle(raw);
        }
        status = OpenClNative.clBuildProgram(program, 1, &device, options, 0, 0);
        if (status != 0)
        {
            string problem = FirstProblem(program);
            program.Dispose();
            throw new ProcessorFailedException(
                $"the OpenCL driver of {context.Device.Name} cannot build the {name} kernels ({problem}); "
                + "update the driver or run without this device",
                new OpenClException("clBuildProgram", status));
        }
        return program;
    }

    private string FirstProblem(ProgramHandle program)
    {
        nuint size;
        if (OpenClNative.clGetProgramBuildInfo(
            program, context.Device.Id, OpenClConstants.ProgramBuildLog, 0, null, &size) != 0 || size == 0)
        {
            return "no build log";
        }
        var log = new byte[size];
        fixed (byte* first = log)
        {
            _ = OpenClNative.clGetProgramBuildInfo(
                program, context.Device.Id, OpenClConstants.ProgramBuildLog, size, first, null);
        }
        string[] lines = Encoding.UTF8.GetString(log).TrimEnd('\0')
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.FirstOrDefault(line => line.Contains("error:", StringComparison.Ordinal))
            ?? lines.FirstOrDefault() ?? "empty build log";
    }

    private static byte[] BinaryOf(ProgramHandle program)
    {
        nuint size;
        int status = OpenClNative.clGetProgramInfo(
            program, OpenClConstants.ProgramBinarySizes, (nuint)sizeof(nuint), &size, null);
        OpenClStatus.Check(status, "clGetProgramInfo");
        var binary = new byte[size];
        fixed (byte* first = binary)
        {
            byte* bytes = first;
            status = OpenClNative.clGetProgramInfo(
                program, OpenClConstants.ProgramBinaries, (nuint)sizeof(byte*), &bytes, null);
            OpenClStatus.Check(status, "clGetProgramInfo");
        }
        return binary;
    }
}

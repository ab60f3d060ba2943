using System.CommandLine;
using System.Globalization;
using Tandem.Execution;

namespace Tandem.Cli.Commands;

/// <summary>The options by which a command chooses this machine's processors.</summary>
internal sealed class DeviceArguments
{
    private readonly Option<string> _cpuCores = new("--cpu-cores")
    {
        Description = "Cores of processor 'cpu', as 0,1 or 0-3. Default: all, less those that serve a CPU-backed 'gpu'.",
    };

    private readonly Option<string> _gpuCores = new("--gpu-cores")
    {
        Description = "Cores of processor 'gpu' where CPU cores serve it (PoCL). Default: the last core.",
    };

    private readonly Option<int?> _allCoresThreads = new("--ort-threads")
    {
        Description = "Threads of the plain plan 'ort-all-cores'. Default: one for each core.",
    };

    private readonly Option<string> _gpuEngine = new("--gpu")
    {
        Description = "Engine of processor 'gpu': opencl, an ONNX Runtime execution provider (WebGPU, CUDA, CoreML, DML, QNN), or none.",
        DefaultValueFactory = _ => "opencl",
    };

    private readonly Option<string> _openClDevice = new("--opencl-device")
    {
        Description = "Part of the name of the OpenCL device to use. Default: the best ('tandem devices' lists them).",
    };

    private readonly Option<bool> _noCpuOpenCl = new("--no-cpu-opencl")
    {
        Description = "Do not use OpenCL kernels on the CPU's cores as a second engine beside ONNX Runtime.",
    };

    public void AddTo(Command command)
    {
        command.Add(_cpuCores);
        command.Add(_gpuCores);
        command.Add(_allCoresThreads);
        command.Add(_gpuEngine);
        command.Add(_openClDevice);
        command.Add(_noCpuOpenCl);
    }

    public LocalDevice Open(ParseResult parsed) => LocalDevice.Open(new LocalDeviceOptions
    {
        CpuCores = Cores(parsed.GetValue(_cpuCores)),
        GpuCores = Cores(parsed.GetValue(_gpuCores)),
        AllCoresThreads = Threads(parsed.GetValue(_allCoresThreads)),
        GpuEngine = parsed.GetValue(_gpuEngine)!,
        OpenClDevice = parsed.GetValue(_openClDevice),
        CpuHasOpenCl = !parsed.GetValue(_noCpuOpenCl),
    });

    /// <summary>The same options as a command's arguments.</summary>
    public IReadOnlyList<string> Repeat(ParseResult parsed) =>
    [
        .. new Option[] { _cpuCores, _gpuCores, _allCoresThreads, _gpuEngine, _openClDevice, _noCpuOpenCl }
            .Select(option => (option.Name, Result: parsed.GetResult(option)))
            .Where(given => given.Result is { Implicit: false })
            .SelectMany(given => given.Result!.Tokens.Select(token => token.Value).Prepend(given.Name)),
    ];

    private static int? Threads(int? asked) =>
        asked is null or > 0 ? asked : throw new TandemException($"--ort-threads {asked}: give 1 or more");

    private static int[]? Cores(string? text)
    {
        if (text is null)
        {
            return null;
        }
        List<int> cores = [];
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryCore(ends[0], out int first) || !TryCore(ends[^1], out int last) || last < first)
            {
                throw new TandemException($"cores '{text}' are not of the form 0,1 or 0-3");
            }
            cores.AddRange(Enumerable.Range(first, last - first + 1));
        }
        return [.. cores.Distinct()];
    }

    private static bool TryCore(string text, out int core) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out core);
}

namespace Tandem.Processors.OnnxRuntime;

/// <summary>An execution provider that the library has.</summary>
/// <param name="Name">The name by which a session asks for it, such as "WebGPU".</param>
internal sealed record ExecutionProvider(string Name)
{
    private const string Suffix = "ExecutionProvider";

    /// <summary>Names by which people and ONNX Runtime's functions know providers, where they are not the library's own.</summary>
    private static readonly Dictionary<string, string> _canonicalNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Cpu"] = "CPU",
        ["WebGpu"] = "WebGPU",
        ["Cuda"] = "CUDA",
        ["CoreML"] = "CoreML",
        ["Dml"] = "DML",
        ["DirectML"] = "DML",
        ["Qnn"] = "QNN",
        ["Xnnpack"] = "XNNPACK",
        ["WebNN"] = "WEBNN",
        ["OpenVino"] = "OpenVINO",
    };

    /// <summary>Whether it is the CPU, which every session has without asking.</summary>
    public bool IsCpu => Name == "CPU";

    /// <summary>Whether it is CUDA, which has its own functions.</summary>
    public bool IsCuda => Name == "CUDA";

    /// <summary>Finds a provider by a name that people use.</summary>
    /// <param name="name">The name, with or without the ending "ExecutionProvider"; case does not matter.</param>
    /// <param name="available">What the library has, as it names them ("WebGpuExecutionProvider").</param>
    /// <exception cref="ProcessorFailedException">It is not available; the message lists those that are.</exception>
    public static ExecutionProvider Find(string name, IReadOnlyList<string> available)
    {
        string wanted = Canonical(name);
        string[] names = [.. available.Select(Canonical)];
        return names.Contains(wanted, StringComparer.OrdinalIgnoreCase)
            ? new ExecutionProvider(wanted)
            : throw new ProcessorFailedException(
                $"this ONNX Runtime has no execution provider '{name}': choose one of {string.Join(", ", names)}");
    }

    private static string Canonical(string name)
    {
        string bare = name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) ? name[..^Suffix.Length] : name;
        return _canonicalNames.GetValueOrDefault(bare, bare);
    }
}

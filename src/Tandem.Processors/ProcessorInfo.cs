namespace Tandem.Processors;

/// <summary>What a processor is. Engine, version, device and cores together are the key of its measurements.</summary>
/// <param name="Name">The name plans use: "cpu", "gpu", "ort-all-cores".</param>
/// <param name="Kind">What kind of hardware does the work.</param>
/// <param name="Engine">The software that runs slices: "onnxruntime" or "opencl", with the provider where there are several ("onnxruntime/webgpu").</param>
/// <param name="EngineVersion">The engine's version, such as "1.30.0".</param>
/// <param name="Device">The hardware's name, as its driver or operating system gives it.</param>
/// <param name="Cores">The CPU cores it is pinned to; empty where it is not pinned.</param>
/// <param name="Threads">How many threads compute.</param>
/// <param name="IsCpuBacked">Whether a GPU interface is in fact served by CPU cores, as PoCL does.</param>
public sealed record ProcessorInfo(
    string Name,
    ProcessorKind Kind,
    string Engine,
    string EngineVersion,
    string Device,
    IReadOnlyList<int> Cores,
    int Threads,
    bool IsCpuBacked)
{
    /// <summary>
    /// The processor whose worker thread runs its slices: itself or, where it is a second engine on the same cores, the first engine
    /// there. Processors of one worker take turns.
    /// </summary>
    public string Worker { get; init; } = Name;

    /// <summary>The key under which measurements of this processor are stored.</summary>
    public string Key => $"{Engine} {EngineVersion} | {Device} | cores {string.Join('-', Cores)} | threads {Threads}";
}

/// <summary>Kinds of processors. Persisted: values never change.</summary>
public enum ProcessorKind
{
    /// <summary>CPU cores.</summary>
    Cpu = 0,
    /// <summary>A GPU (or what stands in for one).</summary>
    Gpu = 1,
    /// <summary>A server across a network.</summary>
    Server = 2,
    /// <summary>A processor that executes nothing, for tests.</summary>
    Null = 3,
}

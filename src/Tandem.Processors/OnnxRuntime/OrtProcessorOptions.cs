namespace Tandem.Processors.OnnxRuntime;

/// <summary>How an <see cref="OrtProcessor"/> runs slices.</summary>
public sealed record OrtProcessorOptions
{
    /// <summary>The name that plans use.</summary>
    public string Name { get; init; } = "cpu";

    /// <summary>Threads that compute one slice, the calling thread among them; at least 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// The CPU cores to be pinned to, from 0; none to leave that to the operating system. With as many cores as threads each
    /// thread gets one of its own (the calling thread the first); otherwise every thread may use all of them.
    /// </summary>
    public IReadOnlyList<int> Cores { get; init; } = [];

    /// <summary>The execution provider: "CPU", "WebGPU", "CUDA", "CoreML", "DML", "QNN", ...</summary>
    public string ExecutionProvider { get; init; } = "CPU";

    /// <summary>The execution provider's own settings.</summary>
    public IReadOnlyDictionary<string, string> ProviderOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Which graph optimisations are done on each slice.</summary>
    public GraphOptimizationLevel OptimizationLevel { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>
    /// Whether helper threads wait for their next share of work spinning while a run lasts, which is faster. They never
    /// spin between runs: that would take the cores from the other processors.
    /// </summary>
    public bool AllowSpinning { get; init; } = true;
}

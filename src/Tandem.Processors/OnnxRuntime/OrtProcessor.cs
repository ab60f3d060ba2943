using Tandem.Graphs;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>Runs slices with ONNX Runtime: each becomes an ONNX model and a session of its own.</summary>
/// <remarks>Slices may be compiled and different bound slices run by several threads at once.</remarks>
public sealed class OrtProcessor : IProcessor
{
    private readonly OrtProcessorOptions _options;
    private readonly string _provider;
    private readonly ThreadPlacement _placement;
    private bool _disposed;

    /// <summary>Makes a processor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is not positive, or a core does not exist.</exception>
    /// <exception cref="ProcessorFailedException">
    /// ONNX Runtime is not installed, lacks the execution provider, or the provider does not start on this machine.
    /// </exception>
    public OrtProcessor(OrtProcessorOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        foreach (int core in options.Cores)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(core, nameof(options));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(core, AffinityMask.CoreLimit, nameof(options));
        }
        _options = options;
        OrtEnv environment = OrtEnv.Instance();
        var provider = OnnxRuntime.ExecutionProvider.Find(options.ExecutionProvider, environment.GetAvailableProviders());
        _provider = provider.Name;
        _placement = ThreadPlacement.Of(options.Threads, options.Cores, ThreadAffinity.Current());
        Info = new ProcessorInfo(
            options.Name,
            provider.IsCpu ? ProcessorKind.Cpu : ProcessorKind.Gpu,
            provider.IsCpu ? "onnxruntime" : $"onnxruntime/{provider.Name.ToLowerInvariant()}",
            environment.GetVersionString(),
            provider.IsCpu ? CpuModel.Name : $"{provider.Name} device",
            options.Cores,
            options.Threads,
            IsCpuBacked: false);
        if (!provider.IsCpu)
        {
            StartProvider();
        }
    }

    /// <inheritdoc/>
    public ProcessorInfo Info { get; }

    /// <inheritdoc/>
    public void EnterWorkerThread() => ThreadAffinity.Pin(_placement.CallerCores);

    /// <inheritdoc/>
    public ICompiledSlice Compile(Graph slice)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        OrtSliceModel model = OrtSliceModel.Of(slice);
        try
        {
            using SessionOptions session = MakeSessionOptions();
            return new OrtCompiledSlice(Info.Name, slice.WithoutConstants(), model, model.Weights.Open(session));
        }
        catch (OnnxRuntimeException e)
        {
            model.Weights.Dispose();
            throw Refusal(slice, e);
        }
    }

    /// <summary>Ends the processor. Slices that it compiled live until they are disposed themselves.</summary>
    public void Dispose() => _disposed = true;

    /// <summary>Makes a session of one operator, so that a provider without its device or driver is known at once.</summary>
    private void StartProvider()
    {
        var input = new Tensor("x", ElementType.Float32, new Shape(1));
        var graph = new Graph(
            "probe", new Dictionary<string, int> { [""] = 13 }, [input], ["y"], [new Operator("relu", "Relu", ["x"], ["y"])], []);
        try
        {
            Compile(graph).Dispose();
        }
        catch (SliceRefusedException e)
        {
            throw new ProcessorFailedException(
                $"execution provider '{_provider}' does not start on this machine, use another: {e.Reason}", e);
        }
    }

    private SessionOptions MakeSessionOptions()
    {
        var session = new SessionOptions();
        try
        {
            session.IntraOpNumThreads = _options.Threads;
            session.GraphOptimizationLevel = _options.OptimizationLevel;
            session.AddSessionConfigEntry("session.intra_op.allow_spinning", _options.AllowSpinning ? "1" : "0");
            session.AddSessionConfigEntry("session.force_spinning_stop", "1");
            OrtEnv.Instance().UseSharedArena();
            session.AddSessionConfigEntry("session.use_env_allocators", "1");
            // Weights are freed with their session; in the arena they would stay.
            session.AddSessionConfigEntry("session.use_device_allocator_for_initializers", "1");
            if (_placement.HelperCores is string cores && CanPin)
            {
                session.AddSessionConfigEntry("session.intra_op_thread_affinities", cores);
            }
            session.AppendExecutionProvider(_provider, _options.ProviderOptions.ToDictionary());
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static bool CanPin => OperatingSystem.IsLinux() || OperatingSystem.IsWindows();

    /// <summary>The refusal of a slice, with the operator that ONNX Runtime's message names, where it names one.</summary>
    private SliceRefusedException Refusal(Graph slice, OnnxRuntimeException failure)
    {
        Operator? op = slice.Operators.Count == 1
            ? slice.Operators[0]
            : slice.Operators.FirstOrDefault(o => o.Name.Length > 0 && Names(failure.Detail, o.Name));
        return op is null
            ? new SliceRefusedException(Info.Name, slice, failure.Detail)
            : new SliceRefusedException(Info.Name, op, failure.Detail);
    }

    private static bool Names(string message, string name) =>
        message.Contains($"'{name}'", StringComparison.Ordinal)
        || message.Contains($"({name})", StringComparison.Ordinal)
        || message.Contains($"name:{name} ", StringComparison.Ordinal);
}

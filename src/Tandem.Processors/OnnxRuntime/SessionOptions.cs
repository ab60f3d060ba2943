namespace Tandem.Processors.OnnxRuntime;

/// <summary>
/// How a session is made. Takes effect when an <see cref="InferenceSession"/> is made from it; may be disposed after that.
/// </summary>
public sealed unsafe class SessionOptions : IDisposable
{
    private readonly OrtApi _api;
    private readonly NativeHandle _handle;
    private int _intraOpNumThreads;
    private int _interOpNumThreads;
    private GraphOptimizationLevel _graphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL;
    private ExecutionMode _executionMode = ExecutionMode.ORT_SEQUENTIAL;
    private OrtLoggingLevel _logSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
    private string _optimizedModelFilePath = "";
    private bool _enableCpuMemArena = true;
    private bool _enableMemoryPattern = true;

    /// <summary>Makes options with ONNX Runtime's defaults.</summary>
    /// <exception cref="ProcessorFailedException">ONNX Runtime's native library is missing or does not load.</exception>
    public SessionOptions()
    {
        OrtEnv.Instance();
        _api = OrtApi.Current;
        _handle = NativeHandle.Create(_api, _api.CreateSessionOptions, _api.ReleaseSessionOptions);
    }

    /// <summary>Threads that share the work of one operator, the calling thread among them; 0 for one per core.</summary>
    public int IntraOpNumThreads
    {
        get => _intraOpNumThreads;
        set
        {
            _api.Check(_api.SetIntraOpNumThreads(_handle.Pointer, value));
            _intraOpNumThreads = value;
        }
    }

    /// <summary>Threads that run operators at once in parallel execution mode; 0 for one per core.</summary>
    public int InterOpNumThreads
    {
        get => _interOpNumThreads;
        set
        {
            _api.Check(_api.SetInterOpNumThreads(_handle.Pointer, value));
            _interOpNumThreads = value;
        }
    }

    /// <summary>Which graph optimisations are done.</summary>
    public GraphOptimizationLevel GraphOptimizationLevel
    {
        get => _graphOptimizationLevel;
        set
        {
            _api.Check(_api.SetSessionGraphOptimizationLevel(_handle.Pointer, (int)value));
            _graphOptimizationLevel = value;
        }
    }

    /// <summary>Whether independent operators run at once.</summary>
    public ExecutionMode ExecutionMode
    {
        get => _executionMode;
        set
        {
            _api.Check(_api.SetSessionExecutionMode(_handle.Pointer, (int)value));
            _executionMode = value;
        }
    }

    /// <summary>The least severity of messages that the session prints; failures come as exceptions whatever it is.</summary>
    public OrtLoggingLevel LogSeverityLevel
    {
        get => _logSeverityLevel;
        set
        {
            _api.Check(_api.SetSessionLogSeverityLevel(_handle.Pointer, (int)value));
            _logSeverityLevel = value;
        }
    }

    /// <summary>Where the session saves the graph it has optimised, as an ONNX model; "" for nowhere.</summary>
    public string OptimizedModelFilePath
    {
        get => _optimizedModelFilePath;
        set
        {
            fixed (byte* path = NativeText.FilePath(value))
            {
                _api.Check(_api.SetOptimizedModelFilePath(_handle.Pointer, path));
            }
            _optimizedModelFilePath = value;
        }
    }

    /// <summary>Whether memory for intermediate tensors is kept between runs.</summary>
    public bool EnableCpuMemArena
    {
        get => _enableCpuMemArena;
        set
        {
            _api.Check(value ? _api.EnableCpuMemArena(_handle.Pointer) : _api.DisableCpuMemArena(_handle.Pointer));
            _enableCpuMemArena = value;
        }
    }

    /// <summary>Whether intermediate tensors are laid out once, in one block, after the first run.</summary>
    public bool EnableMemoryPattern
    {
        get => _enableMemoryPattern;
        set
        {
            _api.Check(value ? _api.EnableMemPattern(_handle.Pointer) : _api.DisableMemPattern(_handle.Pointer));
            _enableMemoryPattern = value;
        }
    }

    internal NativeHandle Handle => _handle;

    /// <summary>Sets one of the named settings of ONNX Runtime's onnxruntime_session_options_config_keys.h.</summary>
    public void AddSessionConfigEntry(string configKey, string configValue) =>
        ConfigEntry.Add(_api, _api.AddSessionConfigEntry, _handle, configKey, configValue);

    /// <summary>
    /// Lets an execution provider take the operators it can run, before those added later; the CPU takes what is left.
    /// </summary>
    /// <param name="providerName">"CPU", "WebGPU", "CUDA", "CoreML", "DML" (or "DirectML"), "QNN", ...; case does not matter.</param>
    /// <param name="providerOptions">The provider's own settings.</param>
    /// <exception cref="ProcessorFailedException">The library does not have the provider; the message lists those it has.</exception>
    /// <exception cref="OnnxRuntimeException">The provider does not start on this machine.</exception>
    public void AppendExecutionProvider(string providerName, Dictionary<string, string>? providerOptions = null)
    {
        ExecutionProvider provider = ExecutionProvider.Find(providerName, OrtEnv.Instance().GetAvailableProviders());
        if (provider.IsCpu)
        {
            return;
        }
        Dictionary<string, string> settings = providerOptions ?? [];
        using var keys = new NativeTexts(settings.Keys);
        using var values = new NativeTexts(settings.Values);
        if (provider.IsCuda)
        {
            AppendCuda(keys, values, settings.Count);
            return;
        }
        fixed (byte* name = NativeText.Utf8(provider.Name))
        {
            _api.Check(_api.SessionOptionsAppendExecutionProvider(
                _handle.Pointer, name, keys.Pointer, values.Pointer, (nuint)settings.Count));
        }
    }

    /// <summary>
    /// Gives the contents of constants that the model keeps in other files; they are read in place. The values' memory must live as long as
    /// the sessions made with these options.
    /// </summary>
    /// <param name="names">The constants' names in the model.</param>
    /// <param name="values">Their contents, in the same order.</param>
    /// <exception cref="OnnxRuntimeException">A name is there twice.</exception>
    public void AddExternalInitializers(IReadOnlyCollection<string> names, IReadOnlyCollection<OrtValue> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Count, names.Count);
        using var texts = new NativeTexts(names);
        nint[] handles = [.. values.Select(value => value.Handle.Pointer)];
        fixed (nint* pointers = handles)
        {
            _api.Check(_api.AddExternalInitializers(_handle.Pointer, texts.Pointer, pointers, (nuint)handles.Length));
        }
        GC.KeepAlive(values);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>CUDA is the one provider here that the function for providers by name does not know.</summary>
    private void AppendCuda(NativeTexts keys, NativeTexts values, int count)
    {
        using var cuda = NativeHandle.Create(_api, _api.CreateCudaProviderOptions, _api.ReleaseCudaProviderOptions);
        if (count > 0)
        {
            _api.Check(_api.UpdateCudaProviderOptions(cuda.Pointer, keys.Pointer, values.Pointer, (nuint)count));
        }
        _api.Check(_api.SessionOptionsAppendExecutionProviderCuda(_handle.Pointer, cuda.Pointer));
    }
}

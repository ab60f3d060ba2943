namespace Tandem.Processors.OnnxRuntime;

/// <summary>Settings of single runs. One object may serve many runs, also at once.</summary>
public sealed unsafe class RunOptions : IDisposable
{
    private readonly OrtApi _api;
    private readonly NativeHandle _handle;
    private bool _terminate;
    private string _logId = "";

    /// <summary>Makes settings with ONNX Runtime's defaults.</summary>
    public RunOptions()
    {
        OrtEnv.Instance();
        _api = OrtApi.Current;
        _handle = NativeHandle.Create(_api, _api.CreateRunOptions, _api.ReleaseRunOptions);
    }

    /// <summary>
    /// Setting it from another thread ends every run that uses these settings as soon as its current operator is done,
    /// with an <see cref="OnnxRuntimeException"/>.
    /// </summary>
    public bool Terminate
    {
        get => _terminate;
        set
        {
            _api.Check(value
                ? _api.RunOptionsSetTerminate(_handle.Pointer)
                : _api.RunOptionsUnsetTerminate(_handle.Pointer));
            _terminate = value;
        }
    }

    /// <summary>A tag that marks the run in log messages.</summary>
    public string LogId
    {
        get => _logId;
        set
        {
            fixed (byte* tag = NativeText.Utf8(value))
            {
                _api.Check(_api.RunOptionsSetRunTag(_handle.Pointer, tag));
            }
            _logId = value;
        }
    }

    internal NativeHandle Handle => _handle;

    /// <summary>Sets one of the named settings of ONNX Runtime's onnxruntime_run_options_config_keys.h.</summary>
    public void AddRunConfigEntry(string configKey, string configValue) =>
        ConfigEntry.Add(_api, _api.AddRunConfigEntry, _handle, configKey, configValue);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}

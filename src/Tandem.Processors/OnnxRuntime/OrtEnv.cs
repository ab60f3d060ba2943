using System.Runtime.InteropServices;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>ONNX Runtime's environment: one for the process, made on first use and kept until the process ends.</summary>
public sealed unsafe class OrtEnv
{
    private static readonly Lazy<OrtEnv> _instance = new(() => new OrtEnv());

    // Never released: sessions need it until the process ends, and it ends with it.
    private readonly nint _environment;
    private readonly OrtApi _api;
    private readonly Lazy<bool> _sharedArena;

    private OrtEnv()
    {
        _api = OrtApi.Current;
        nint environment;
        fixed (byte* logId = NativeText.Utf8("tandem"))
        {
            // Failures come back as exceptions; printing them as well would only repeat them.
            _api.Check(_api.CreateEnv((int)OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, logId, &environment));
        }
        _environment = environment;
        _sharedArena = new Lazy<bool>(RegisterSharedArena);
    }

    /// <summary>The environment.</summary>
    /// <exception cref="ProcessorFailedException">ONNX Runtime's native library is missing or does not load.</exception>
    public static OrtEnv Instance() => _instance.Value;

    /// <summary>The library's version, such as "1.30.0".</summary>
    public string GetVersionString() => _api.Version;

    /// <summary>The execution providers that the library was built with, such as "CPUExecutionProvider".</summary>
    public string[] GetAvailableProviders()
    {
        byte** names;
        int count;
        _api.Check(_api.GetAvailableProviders(&names, &count));
        try
        {
            string[] result = new string[count];
            for (int i = 0; i < count; i++)
            {
                result[i] = Marshal.PtrToStringUTF8((nint)names[i]) ?? "";
            }
            return result;
        }
        finally
        {
            _api.Check(_api.ReleaseAvailableProviders(names, count));
        }
    }

    internal nint Pointer => _environment;

    /// <summary>
    /// Makes the arena from which sessions with the setting session.use_env_allocators take intermediate tensors, where there is none yet:
    /// slices that run one after another then use the same memory. It grows by what is asked for and lives as long as the process.
    /// </summary>
    internal void UseSharedArena() => _ = _sharedArena.Value;

    private bool RegisterSharedArena()
    {
        const int ArenaAllocator = 1;
        const int DefaultMemoryType = 0;
        const nuint SameAsRequested = 1;
        using var keys = new NativeTexts(["arena_extend_strategy"]);
        nuint strategy = SameAsRequested;
        nint created;
        _api.Check(_api.CreateArenaCfgV2(keys.Pointer, &strategy, 1, &created));
        using var configuration = new NativeHandle(created, _api.ReleaseArenaCfg);
        nint memory;
        // Never released: the allocator is the environment's, which is not either.
        _api.Check(_api.CreateCpuMemoryInfo(ArenaAllocator, DefaultMemoryType, &memory));
        _api.Check(_api.CreateAndRegisterAllocator(_environment, memory, configuration.Pointer));
        return true;
    }
}

/// <summary>Severities of ONNX Runtime's log messages.</summary>
public enum OrtLoggingLevel
{
    /// <summary>Everything.</summary>
    ORT_LOGGING_LEVEL_VERBOSE = 0,
    /// <summary>Information.</summary>
    ORT_LOGGING_LEVEL_INFO = 1,
    /// <summary>Warnings.</summary>
    ORT_LOGGING_LEVEL_WARNING = 2,
    /// <summary>Failures.</summary>
    ORT_LOGGING_LEVEL_ERROR = 3,
    /// <summary>Failures that end the process.</summary>
    ORT_LOGGING_LEVEL_FATAL = 4,
}

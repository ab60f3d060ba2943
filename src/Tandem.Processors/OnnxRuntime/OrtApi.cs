using System.Runtime.InteropServices;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>
/// The functions of ONNX Runtime's C API that the binding uses. The library hands out one table of function pointers
/// (OrtApi in onnxruntime_c_api.h); it only ever grows at its end, so a function's place in it never changes. The number
/// beside each function is that place. Functions that return a status return zero for success; <see cref="Check"/> is the
/// one gate through which every status goes.
/// </summary>
internal sealed unsafe class OrtApi
{
    /// <summary>The API version that is asked for: the first whose table has every function used here (1.12).</summary>
    private const uint RequiredApiVersion = 12;

    private static readonly Lazy<OrtApi> _current = new(() => new OrtApi(OrtLibrary.Load()));

    private readonly nint* _table;

    /// <summary>Reads the table of a loaded library.</summary>
    /// <param name="library">The library, as <see cref="NativeLibrary"/> loaded it.</param>
    /// <exception cref="ProcessorFailedException">The library is not ONNX Runtime, or is too old.</exception>
    public OrtApi(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint entry))
        {
            throw new ProcessorFailedException(
                "the library found as ONNX Runtime has no function OrtGetApiBase: it is another library; "
                + $"{OrtLibrary.Advice}");
        }
        // OrtApiBase is two functions: the table of a version, and the library's version text.
        nint* apiBase = ((delegate* unmanaged<nint*>)entry)();
        var getApi = (delegate* unmanaged<uint, nint*>)apiBase[0];
        var getVersion = (delegate* unmanaged<byte*>)apiBase[1];
        Version = Marshal.PtrToStringUTF8((nint)getVersion()) ?? "unknown";
        _table = getApi(RequiredApiVersion);
        if (_table == null)
        {
            throw new ProcessorFailedException(
                $"ONNX Runtime {Version} is too old: version 1.{RequiredApiVersion} or later is needed; {OrtLibrary.Advice}");
        }
    }

    /// <summary>The API of the library that <see cref="OrtLibrary"/> finds, loaded on first use.</summary>
    /// <exception cref="ProcessorFailedException">There is no such library.</exception>
    public static OrtApi Current => _current.Value;

    /// <summary>The library's version, such as "1.30.0".</summary>
    public string Version { get; }

    // Handles and statuses are nint; a size_t is nuint; "out" parameters are pointers.
    public delegate* unmanaged<nint, int> GetErrorCode => (delegate* unmanaged<nint, int>)_table[1];
    public delegate* unmanaged<nint, byte*> GetErrorMessage => (delegate* unmanaged<nint, byte*>)_table[2];
    public delegate* unmanaged<nint, void> ReleaseStatus => (delegate* unmanaged<nint, void>)_table[93];

    public delegate* unmanaged<int, byte*, nint*, nint> CreateEnv =>
        (delegate* unmanaged<int, byte*, nint*, nint>)_table[3];
    public delegate* unmanaged<byte***, int*, nint> GetAvailableProviders =>
        (delegate* unmanaged<byte***, int*, nint>)_table[125];
    public delegate* unmanaged<byte**, int, nint> ReleaseAvailableProviders =>
        (delegate* unmanaged<byte**, int, nint>)_table[126];
    public delegate* unmanaged<int, int, nint*, nint> CreateCpuMemoryInfo =>
        (delegate* unmanaged<int, int, nint*, nint>)_table[69];
    public delegate* unmanaged<nint, void*, nint> AllocatorFree => (delegate* unmanaged<nint, void*, nint>)_table[76];
    public delegate* unmanaged<nint*, nint> GetAllocatorWithDefaultOptions =>
        (delegate* unmanaged<nint*, nint>)_table[78];

    public delegate* unmanaged<nint, nint, nint, nint> CreateAndRegisterAllocator =>
        (delegate* unmanaged<nint, nint, nint, nint>)_table[144];
    public delegate* unmanaged<byte**, nuint*, nuint, nint*, nint> CreateArenaCfgV2 =>
        (delegate* unmanaged<byte**, nuint*, nuint, nint*, nint>)_table[164];
    public delegate* unmanaged<nint, void> ReleaseArenaCfg => (delegate* unmanaged<nint, void>)_table[157];

    public delegate* unmanaged<nint*, nint> CreateSessionOptions => (delegate* unmanaged<nint*, nint>)_table[10];
    public delegate* unmanaged<nint, void> ReleaseSessionOptions => (delegate* unmanaged<nint, void>)_table[100];
    public delegate* unmanaged<nint, void*, nint> SetOptimizedModelFilePath =>
        (delegate* unmanaged<nint, void*, nint>)_table[11];
    public delegate* unmanaged<nint, int, nint> SetSessionExecutionMode =>
        (delegate* unmanaged<nint, int, nint>)_table[13];
    public delegate* unmanaged<nint, nint> EnableMemPattern => (delegate* unmanaged<nint, nint>)_table[16];
    public delegate* unmanaged<nint, nint> DisableMemPattern => (delegate* unmanaged<nint, nint>)_table[17];
    public delegate* unmanaged<nint, nint> EnableCpuMemArena => (delegate* unmanaged<nint, nint>)_table[18];
    public delegate* unmanaged<nint, nint> DisableCpuMemArena => (delegate* unmanaged<nint, nint>)_table[19];
    public delegate* unmanaged<nint, int, nint> SetSessionLogSeverityLevel =>
        (delegate* unmanaged<nint, int, nint>)_table[22];
    public delegate* unmanaged<nint, int, nint> SetSessionGraphOptimizationLevel =>
        (delegate* unmanaged<nint, int, nint>)_table[23];
    public delegate* unmanaged<nint, int, nint> SetIntraOpNumThreads =>
        (delegate* unmanaged<nint, int, nint>)_table[24];
    public delegate* unmanaged<nint, int, nint> SetInterOpNumThreads =>
        (delegate* unmanaged<nint, int, nint>)_table[25];
    public delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry =>
        (delegate* unmanaged<nint, byte*, byte*, nint>)_table[130];
    public delegate* unmanaged<nint, byte**, nint*, nuint, nint> AddExternalInitializers =>
        (delegate* unmanaged<nint, byte**, nint*, nuint, nint>)_table[210];
    public delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint> SessionOptionsAppendExecutionProvider =>
        (delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint>)_table[216];
    public delegate* unmanaged<nint, nint, nint> SessionOptionsAppendExecutionProviderCuda =>
        (delegate* unmanaged<nint, nint, nint>)_table[204];
    public delegate* unmanaged<nint*, nint> CreateCudaProviderOptions => (delegate* unmanaged<nint*, nint>)_table[205];
    public delegate* unmanaged<nint, byte**, byte**, nuint, nint> UpdateCudaProviderOptions =>
        (delegate* unmanaged<nint, byte**, byte**, nuint, nint>)_table[206];
    public delegate* unmanaged<nint, void> ReleaseCudaProviderOptions => (delegate* unmanaged<nint, void>)_table[208];

    public delegate* unmanaged<nint, void*, nint, nint*, nint> CreateSession =>
        (delegate* unmanaged<nint, void*, nint, nint*, nint>)_table[7];
    public delegate* unmanaged<nint, void*, nuint, nint, nint*, nint> CreateSessionFromArray =>
        (delegate* unmanaged<nint, void*, nuint, nint, nint*, nint>)_table[8];
    public delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run =>
        (delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)_table[9];
    public delegate* unmanaged<nint, void> ReleaseSession => (delegate* unmanaged<nint, void>)_table[95];
    public delegate* unmanaged<nint, nuint*, nint> SessionGetInputCount =>
        (delegate* unmanaged<nint, nuint*, nint>)_table[30];
    public delegate* unmanaged<nint, nuint*, nint> SessionGetOutputCount =>
        (delegate* unmanaged<nint, nuint*, nint>)_table[31];
    public delegate* unmanaged<nint, nuint, nint*, nint> SessionGetInputTypeInfo =>
        (delegate* unmanaged<nint, nuint, nint*, nint>)_table[33];
    public delegate* unmanaged<nint, nuint, nint*, nint> SessionGetOutputTypeInfo =>
        (delegate* unmanaged<nint, nuint, nint*, nint>)_table[34];
    public delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetInputName =>
        (delegate* unmanaged<nint, nuint, nint, byte**, nint>)_table[36];
    public delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetOutputName =>
        (delegate* unmanaged<nint, nuint, nint, byte**, nint>)_table[37];

    public delegate* unmanaged<nint*, nint> CreateRunOptions => (delegate* unmanaged<nint*, nint>)_table[39];
    public delegate* unmanaged<nint, byte*, nint> RunOptionsSetRunTag =>
        (delegate* unmanaged<nint, byte*, nint>)_table[42];
    public delegate* unmanaged<nint, nint> RunOptionsSetTerminate => (delegate* unmanaged<nint, nint>)_table[46];
    public delegate* unmanaged<nint, nint> RunOptionsUnsetTerminate => (delegate* unmanaged<nint, nint>)_table[47];
    public delegate* unmanaged<nint, void> ReleaseRunOptions => (delegate* unmanaged<nint, void>)_table[97];
    public delegate* unmanaged<nint, byte*, byte*, nint> AddRunConfigEntry =>
        (delegate* unmanaged<nint, byte*, byte*, nint>)_table[165];

    public delegate* unmanaged<nint, long*, nuint, int, nint*, nint> CreateTensorAsOrtValue =>
        (delegate* unmanaged<nint, long*, nuint, int, nint*, nint>)_table[48];
    public delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint> CreateTensorWithDataAsOrtValue =>
        (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)_table[49];
    public delegate* unmanaged<nint, int*, nint> IsTensor => (delegate* unmanaged<nint, int*, nint>)_table[50];
    public delegate* unmanaged<nint, void**, nint> GetTensorMutableData =>
        (delegate* unmanaged<nint, void**, nint>)_table[51];
    public delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo =>
        (delegate* unmanaged<nint, nint*, nint>)_table[55];
    public delegate* unmanaged<nint, int*, nint> GetTensorElementType =>
        (delegate* unmanaged<nint, int*, nint>)_table[60];
    public delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount =>
        (delegate* unmanaged<nint, nuint*, nint>)_table[61];
    public delegate* unmanaged<nint, long*, nuint, nint> GetDimensions =>
        (delegate* unmanaged<nint, long*, nuint, nint>)_table[62];
    public delegate* unmanaged<nint, byte**, nuint, nint> GetSymbolicDimensions =>
        (delegate* unmanaged<nint, byte**, nuint, nint>)_table[63];
    public delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape =>
        (delegate* unmanaged<nint, nint*, nint>)_table[65];
    public delegate* unmanaged<nint, void> ReleaseValue => (delegate* unmanaged<nint, void>)_table[96];
    public delegate* unmanaged<nint, void> ReleaseTypeInfo => (delegate* unmanaged<nint, void>)_table[98];
    public delegate* unmanaged<nint, void> ReleaseTensorTypeAndShapeInfo => (delegate* unmanaged<nint, void>)_table[99];

    public delegate* unmanaged<nint, nint, nint, nint> RunWithBinding =>
        (delegate* unmanaged<nint, nint, nint, nint>)_table[133];
    public delegate* unmanaged<nint, nint*, nint> CreateIoBinding =>
        (delegate* unmanaged<nint, nint*, nint>)_table[134];
    public delegate* unmanaged<nint, void> ReleaseIoBinding => (delegate* unmanaged<nint, void>)_table[135];
    public delegate* unmanaged<nint, byte*, nint, nint> BindInput =>
        (delegate* unmanaged<nint, byte*, nint, nint>)_table[136];
    public delegate* unmanaged<nint, byte*, nint, nint> BindOutput =>
        (delegate* unmanaged<nint, byte*, nint, nint>)_table[137];
    public delegate* unmanaged<nint, byte*, nint, nint> BindOutputToDevice =>
        (delegate* unmanaged<nint, byte*, nint, nint>)_table[138];
    public delegate* unmanaged<nint, nint, nint**, nuint*, nint> GetBoundOutputValues =>
        (delegate* unmanaged<nint, nint, nint**, nuint*, nint>)_table[140];
    public delegate* unmanaged<nint, void> ClearBoundInputs => (delegate* unmanaged<nint, void>)_table[141];
    public delegate* unmanaged<nint, void> ClearBoundOutputs => (delegate* unmanaged<nint, void>)_table[142];
    public delegate* unmanaged<nint, nint> SynchronizeBoundInputs => (delegate* unmanaged<nint, nint>)_table[202];
    public delegate* unmanaged<nint, nint> SynchronizeBoundOutputs => (delegate* unmanaged<nint, nint>)_table[203];

    /// <summary>Turns a status into an exception and releases it; does nothing for success.</summary>
    /// <exception cref="OnnxRuntimeException">The status is a failure.</exception>
    public void Check(nint status)
    {
        if (status != 0)
        {
            throw Failure(status);
        }
    }

    /// <summary>The exception for a failed status, which is released.</summary>
    public OnnxRuntimeException Failure(nint status)
    {
        var code = (OrtErrorCode)GetErrorCode(status);
        string message = Marshal.PtrToStringUTF8((nint)GetErrorMessage(status)) ?? "";
        ReleaseStatus(status);
        return new OnnxRuntimeException(code, message);
    }

    /// <summary>Reads a text that the default allocator made, and frees it.</summary>
    public string TakeText(nint allocator, byte* text)
    {
        string result = Marshal.PtrToStringUTF8((nint)text) ?? "";
        Check(AllocatorFree(allocator, text));
        return result;
    }

    /// <summary>The allocator for texts and lists that the library returns; it belongs to the library.</summary>
    public nint DefaultAllocator()
    {
        nint allocator;
        Check(GetAllocatorWithDefaultOptions(&allocator));
        return allocator;
    }
}

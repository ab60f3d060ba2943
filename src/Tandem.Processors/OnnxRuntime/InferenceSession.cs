using System.Collections.ObjectModel;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>A model that ONNX Runtime is ready to run. Runs may be made from several threads at once.</summary>
public sealed unsafe class InferenceSession : IDisposable
{
    private readonly OrtApi _api;
    private readonly NativeHandle _handle;

    /// <summary>Loads a model file with default options.</summary>
    /// <inheritdoc cref="InferenceSession(string, SessionOptions)"/>
    public InferenceSession(string modelPath) : this(modelPath, null) { }

    /// <summary>Loads a model file.</summary>
    /// <param name="modelPath">The file.</param>
    /// <param name="options">How the session is made; null for ONNX Runtime's defaults.</param>
    /// <exception cref="ProcessorFailedException">ONNX Runtime's native library is missing or does not load.</exception>
    /// <exception cref="OnnxRuntimeException">The file is missing, is no ONNX model, or cannot be run.</exception>
    public InferenceSession(string modelPath, SessionOptions? options) : this(Create(modelPath, options)) { }

    /// <summary>Loads a model from the bytes of a file with default options.</summary>
    /// <inheritdoc cref="InferenceSession(ReadOnlySpan{byte}, SessionOptions)"/>
    public InferenceSession(byte[] model) : this(model.AsSpan(), null) { }

    /// <summary>Loads a model from the bytes of a file.</summary>
    /// <inheritdoc cref="InferenceSession(ReadOnlySpan{byte}, SessionOptions)"/>
    public InferenceSession(byte[] model, SessionOptions options) : this(model.AsSpan(), options) { }

    /// <summary>Loads a model from the bytes of a file.</summary>
    /// <param name="model">The bytes; not needed any more when the session is made.</param>
    /// <param name="options">How the session is made; null for ONNX Runtime's defaults.</param>
    /// <exception cref="ProcessorFailedException">ONNX Runtime's native library is missing or does not load.</exception>
    /// <exception cref="OnnxRuntimeException">The bytes are no ONNX model, or it cannot be run.</exception>
    public InferenceSession(ReadOnlySpan<byte> model, SessionOptions? options) : this(Create(model, options)) { }

    private InferenceSession(NativeHandle session)
    {
        _api = OrtApi.Current;
        _handle = session;
        (InputNames, InputMetadata) = Describe(
            _api.SessionGetInputCount, _api.SessionGetInputName, _api.SessionGetInputTypeInfo);
        (OutputNames, OutputMetadata) = Describe(
            _api.SessionGetOutputCount, _api.SessionGetOutputName, _api.SessionGetOutputTypeInfo);
    }

    /// <summary>Names of the inputs, in the model's order.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>Names of the outputs, in the model's order.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Type and shape of each input by name.</summary>
    public IReadOnlyDictionary<string, NodeMetadata> InputMetadata { get; }

    /// <summary>Type and shape of each output by name.</summary>
    public IReadOnlyDictionary<string, NodeMetadata> OutputMetadata { get; }

    internal NativeHandle Handle => _handle;

    /// <summary>Runs the model on named inputs.</summary>
    /// <param name="runOptions">Settings of the run; null for the defaults.</param>
    /// <param name="inputs">A value for each input.</param>
    /// <param name="outputNames">The outputs that are wanted.</param>
    /// <returns>The outputs, in the order of their names; the caller disposes them.</returns>
    /// <exception cref="OnnxRuntimeException">An input does not fit, or the run failed.</exception>
    public IReadOnlyList<OrtValue> Run(
        RunOptions? runOptions, IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> outputNames) =>
        Run(runOptions, [.. inputs.Keys], [.. inputs.Values], outputNames);

    /// <summary>Runs the model.</summary>
    /// <param name="runOptions">Settings of the run; null for the defaults.</param>
    /// <param name="inputNames">Names of the inputs.</param>
    /// <param name="inputValues">Their values, in the same order.</param>
    /// <param name="outputNames">The outputs that are wanted.</param>
    /// <returns>The outputs, in the order of their names; the caller disposes them.</returns>
    /// <exception cref="OnnxRuntimeException">An input does not fit, or the run failed.</exception>
    public IReadOnlyList<OrtValue> Run(
        RunOptions? runOptions,
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames)
    {
        nint[] outputs = new nint[outputNames.Count];
        RunNative(runOptions, inputNames, inputValues, outputNames, outputs);
        return [.. outputs.Select(value => new OrtValue(value))];
    }

    /// <summary>Runs the model into values that the caller made.</summary>
    /// <param name="runOptions">Settings of the run; null for the defaults.</param>
    /// <param name="inputNames">Names of the inputs.</param>
    /// <param name="inputValues">Their values, in the same order.</param>
    /// <param name="outputNames">The outputs that are wanted.</param>
    /// <param name="outputValues">Where they are written, in the same order.</param>
    /// <exception cref="OnnxRuntimeException">An input or output does not fit, or the run failed.</exception>
    public void Run(
        RunOptions? runOptions,
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames,
        IReadOnlyCollection<OrtValue> outputValues)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputValues.Count, outputNames.Count);
        nint[] outputs = [.. outputValues.Select(value => value.Handle.Pointer)];
        RunNative(runOptions, inputNames, inputValues, outputNames, outputs);
        GC.KeepAlive(outputValues);
    }

    /// <summary>A binding for <see cref="RunWithBinding"/>; it keeps the session's memory until it is disposed.</summary>
    public OrtIoBinding CreateIoBinding() => new(_api, _handle);

    /// <summary>Runs the model on what is bound. Allocates no managed memory.</summary>
    /// <param name="runOptions">Settings of the run.</param>
    /// <param name="ioBinding">Inputs and outputs.</param>
    /// <exception cref="OnnxRuntimeException">An input does not fit, or the run failed.</exception>
    public void RunWithBinding(RunOptions runOptions, OrtIoBinding ioBinding)
    {
        _api.Check(_api.RunWithBinding(_handle.Pointer, runOptions.Handle.Pointer, ioBinding.Handle.Pointer));
        GC.KeepAlive(this);
        GC.KeepAlive(runOptions);
        GC.KeepAlive(ioBinding);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static NativeHandle Create(string modelPath, SessionOptions? options)
    {
        if (!File.Exists(modelPath))
        {
            throw new OnnxRuntimeException(OrtErrorCode.NoSuchFile, $"model file '{modelPath}' does not exist");
        }
        nint environment = OrtEnv.Instance().Pointer;
        OrtApi api = OrtApi.Current;
        using SessionOptions? defaults = options is null ? new SessionOptions() : null;
        nint session;
        fixed (byte* path = NativeText.FilePath(modelPath))
        {
            api.Check(api.CreateSession(environment, path, (options ?? defaults!).Handle.Pointer, &session));
        }
        return new NativeHandle(session, api.ReleaseSession);
    }

    private static NativeHandle Create(ReadOnlySpan<byte> model, SessionOptions? options)
    {
        nint environment = OrtEnv.Instance().Pointer;
        OrtApi api = OrtApi.Current;
        using SessionOptions? defaults = options is null ? new SessionOptions() : null;
        nint session;
        fixed (byte* bytes = model)
        {
            api.Check(api.CreateSessionFromArray(
                environment, bytes, (nuint)model.Length, (options ?? defaults!).Handle.Pointer, &session));
        }
        return new NativeHandle(session, api.ReleaseSession);
    }

    private void RunNative(
        RunOptions? runOptions,
        IReadOnlyCollection<string> inputNames,
        IReadOnlyCollection<OrtValue> inputValues,
        IReadOnlyCollection<string> outputNames,
        nint[] outputs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputValues.Count, inputNames.Count);
        using var inputTexts = new NativeTexts(inputNames);
        using var outputTexts = new NativeTexts(outputNames);
        nint[] inputs = [.. inputValues.Select(value => value.Handle.Pointer)];
        fixed (nint* inputPointers = inputs)
        fixed (nint* outputPointers = outputs)
        {
            _api.Check(_api.Run(
                _handle.Pointer, runOptions?.Handle.Pointer ?? 0,
                inputTexts.Pointer, inputPointers, (nuint)inputs.Length,
                outputTexts.Pointer, (nuint)outputs.Length, outputPointers));
        }
        GC.KeepAlive(inputValues);
        GC.KeepAlive(runOptions);
        GC.KeepAlive(this);
    }

    private (IReadOnlyList<string> Names, IReadOnlyDictionary<string, NodeMetadata> Metadata) Describe(
        delegate* unmanaged<nint, nuint*, nint> count,
        delegate* unmanaged<nint, nuint, nint, byte**, nint> name,
        delegate* unmanaged<nint, nuint, nint*, nint> typeInfo)
    {
        nint allocator = _api.DefaultAllocator();
        nuint total;
        _api.Check(count(_handle.Pointer, &total));
        List<string> names = [];
        Dictionary<string, NodeMetadata> metadata = [];
        for (nuint i = 0; i < total; i++)
        {
            byte* text;
            _api.Check(name(_handle.Pointer, i, allocator, &text));
            string key = _api.TakeText(allocator, text);
            nint type;
            _api.Check(typeInfo(_handle.Pointer, i, &type));
            using var owned = new NativeHandle(type, _api.ReleaseTypeInfo);
            nint tensor;
            _api.Check(_api.CastTypeInfoToTensorInfo(owned.Pointer, &tensor));
            names.Add(key);
            metadata[key] = new NodeMetadata(tensor == 0 ? null : new OrtTensorTypeAndShapeInfo(_api, tensor));
        }
        return (names, new ReadOnlyDictionary<string, NodeMetadata>(metadata));
    }
}

namespace Tandem.Processors.OnnxRuntime;

/// <summary>
/// Names the tensors that a session reads and writes, once for many runs. The values' memory must live as long as the binding.
/// Used by one thread at a time.
/// </summary>
public sealed unsafe class OrtIoBinding : IDisposable
{
    private readonly OrtApi _api;
    private readonly NativeHandle _handle;

    internal OrtIoBinding(OrtApi api, NativeHandle session)
    {
        _api = api;
        nint binding;
        api.Check(api.CreateIoBinding(session.Pointer, &binding));
        _handle = new NativeHandle(binding, api.ReleaseIoBinding, session);
    }

    internal NativeHandle Handle => _handle;

    /// <summary>Lets the session read an input from a value.</summary>
    /// <exception cref="OnnxRuntimeException">The model has no such input.</exception>
    public void BindInput(string name, OrtValue ortValue)
    {
        fixed (byte* text = NativeText.Utf8(name))
        {
            _api.Check(_api.BindInput(_handle.Pointer, text, ortValue.Handle.Pointer));
        }
    }

    /// <summary>Lets the session write an output into a value.</summary>
    /// <exception cref="OnnxRuntimeException">The model has no such output.</exception>
    public void BindOutput(string name, OrtValue ortValue)
    {
        fixed (byte* text = NativeText.Utf8(name))
        {
            _api.Check(_api.BindOutput(_handle.Pointer, text, ortValue.Handle.Pointer));
        }
    }

    /// <summary>Lets each run allocate an output in a kind of memory; <see cref="GetOutputValues"/> returns it.</summary>
    public void BindOutputToDevice(string name, OrtMemoryInfo memInfo)
    {
        fixed (byte* text = NativeText.Utf8(name))
        {
            _api.Check(_api.BindOutputToDevice(_handle.Pointer, text, memInfo.Pointer));
        }
    }

    /// <summary>The outputs of the last run, in the order in which they were bound; the caller disposes them.</summary>
    public IReadOnlyList<OrtValue> GetOutputValues()
    {
        nint allocator = _api.DefaultAllocator();
        nint* values;
        nuint count;
        _api.Check(_api.GetBoundOutputValues(_handle.Pointer, allocator, &values, &count));
        OrtValue[] result = new OrtValue[count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = new OrtValue(values[i]);
        }
        if (count > 0)
        {
            _api.Check(_api.AllocatorFree(allocator, values));
        }
        return result;
    }

    /// <summary>Forgets all inputs.</summary>
    public void ClearBoundInputs() => _api.ClearBoundInputs(_handle.Pointer);

    /// <summary>Forgets all outputs.</summary>
    public void ClearBoundOutputs() => _api.ClearBoundOutputs(_handle.Pointer);

    /// <summary>Waits until the inputs have reached the provider's memory.</summary>
    public void SynchronizeBoundInputs() => _api.Check(_api.SynchronizeBoundInputs(_handle.Pointer));

    /// <summary>Waits until the outputs have left the provider's memory.</summary>
    public void SynchronizeBoundOutputs() => _api.Check(_api.SynchronizeBoundOutputs(_handle.Pointer));

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}

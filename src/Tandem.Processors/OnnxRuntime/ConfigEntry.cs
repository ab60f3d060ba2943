namespace Tandem.Processors.OnnxRuntime;

/// <summary>A named setting as ONNX Runtime takes it, of a session as of a single run: two texts.</summary>
internal static unsafe class ConfigEntry
{
    /// <summary>Adds a setting to options.</summary>
    /// <param name="api">ONNX Runtime.</param>
    /// <param name="add">The function that adds it to options of this kind.</param>
    /// <param name="options">The options.</param>
    /// <param name="key">The setting's name.</param>
    /// <param name="value">What it is set to.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses it.</exception>
    public static void Add(
        OrtApi api, delegate* unmanaged<nint, byte*, byte*, nint> add, NativeHandle options, string key, string value)
    {
        fixed (byte* name = NativeText.Utf8(key))
        fixed (byte* setting = NativeText.Utf8(value))
        {
            api.Check(add(options.Pointer, name, setting));
        }
    }
}

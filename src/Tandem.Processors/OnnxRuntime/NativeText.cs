using System.Text;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>Texts as ONNX Runtime's C API takes them: zero-terminated bytes.</summary>
internal static class NativeText
{
    /// <summary>UTF-8, zero-terminated.</summary>
    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>A file's path, zero-terminated: UTF-16 on Windows, UTF-8 elsewhere.</summary>
    public static byte[] FilePath(string path) =>
        OperatingSystem.IsWindows() ? Encoding.Unicode.GetBytes(path + '\0') : Utf8(path);
}

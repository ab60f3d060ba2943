using System.Runtime.InteropServices;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>How ONNX Runtime's library is named on an operating system.</summary>
/// <param name="Folder">The npm package's folder for the operating system.</param>
/// <param name="Architecture">The npm package's folder for the instruction set.</param>
/// <param name="FileNames">Names of the library's file in the package, best first.</param>
/// <param name="SystemNames">Names by which the system's loader may know it, best first.</param>
internal sealed record OrtPlatform(
    string Folder,
    string Architecture,
    IReadOnlyList<string> FileNames,
    IReadOnlyList<string> SystemNames)
{
    private static readonly string[] _linuxNames = ["libonnxruntime.so.1"];
    private static readonly string[] _macNames = ["libonnxruntime.1.dylib", "libonnxruntime.dylib"];
    private static readonly string[] _windowsNames = ["onnxruntime.dll"];

    /// <summary>The platform that this process runs on.</summary>
    public static OrtPlatform Current { get; } = Of(
        OperatingSystem.IsWindows() ? OSPlatform.Windows : OperatingSystem.IsMacOS() ? OSPlatform.OSX : OSPlatform.Linux,
        RuntimeInformation.ProcessArchitecture);

    /// <summary>The names on an operating system (Linux where it is neither Windows nor macOS) and instruction set.</summary>
    public static OrtPlatform Of(OSPlatform system, Architecture architecture)
    {
        string folder = architecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "x64",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            _ => architecture.ToString(),
        };
        if (system == OSPlatform.Windows)
        {
            return new OrtPlatform("win32", folder, _windowsNames, _windowsNames);
        }
        return system == OSPlatform.OSX
            ? new OrtPlatform("darwin", folder, _macNames, _macNames)
            : new OrtPlatform("linux", folder, _linuxNames, [.. _linuxNames, "libonnxruntime.so"]);
    }
}

using System.Runtime.InteropServices;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>Finds and loads ONNX Runtime's native library.</summary>
internal static class OrtLibrary
{
    /// <summary>The environment variable that names the library file and overrides the search.</summary>
    public const string EnvironmentVariable = "TANDEM_ONNXRUNTIME";

    /// <summary>What a user does when the library is missing or wrong.</summary>
    public const string Advice =
        "run `./tandem run` once, which installs it, or set " + EnvironmentVariable + " to the library's file";

    /// <summary>Where the npm package keeps its libraries, below a folder that holds it.</summary>
    private static readonly string _packageFolder =
        Path.Combine("native", "node_modules", "onnxruntime-node", "bin", "napi-v6");

    /// <summary>Loads the library: the configured file, else one that was installed beside the product, else the system's.</summary>
    /// <exception cref="ProcessorFailedException">It cannot be found or loaded.</exception>
    public static nint Load() => Load(
        Environment.GetEnvironmentVariable(EnvironmentVariable),
        AppContext.BaseDirectory,
        OrtPlatform.Current);

    /// <summary>As <see cref="Load()"/>, with the search's starting points given.</summary>
    public static nint Load(string? configured, string baseDirectory, OrtPlatform platform)
    {
        if (!string.IsNullOrEmpty(configured))
        {
            return LoadConfigured(configured);
        }
        if (FindInstalled(baseDirectory, platform) is string installed)
        {
            return NativeLibrary.TryLoad(installed, out nint library)
                ? library
                : throw new ProcessorFailedException(
                    $"ONNX Runtime's library '{installed}' cannot be loaded on this system: delete the folder "
                    + $"native/node_modules and {Advice}");
        }
        foreach (string name in platform.SystemNames)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return library;
            }
        }
        throw new ProcessorFailedException($"ONNX Runtime's native library is not installed: {Advice}");
    }

    /// <summary>The library installed in the nearest folder at or above a directory that has one; null where none does.</summary>
    public static string? FindInstalled(string baseDirectory, OrtPlatform platform)
    {
        for (DirectoryInfo? folder = new(baseDirectory); folder is not null; folder = folder.Parent)
        {
            string libraries = Path.Combine(folder.FullName, _packageFolder, platform.Folder, platform.Architecture);
            foreach (string name in platform.FileNames)
            {
                string file = Path.Combine(libraries, name);
                if (File.Exists(file))
                {
                    return file;
                }
            }
        }
        return null;
    }

    private static nint LoadConfigured(string file)
    {
        if (!File.Exists(file))
        {
            throw new ProcessorFailedException(
                $"{EnvironmentVariable} names '{file}', which does not exist: correct it, or unset it and run `./tandem run`");
        }
        return NativeLibrary.TryLoad(Path.GetFullPath(file), out nint library)
            ? library
            : throw new ProcessorFailedException(
                $"{EnvironmentVariable} names '{file}', which is not a library for this system: "
                + "correct it, or unset it and run `./tandem run`");
    }
}

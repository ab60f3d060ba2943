using System.Reflection;

namespace Tandem.Processors.OpenCl.Programs;

/// <summary>The kernels' sources, which are embedded in the assembly.</summary>
internal static class ProgramSources
{
    private const string Prefix = "Tandem.Processors.OpenCl.";

    /// <summary>The source of a file of kernels, after what all of them share.</summary>
    internal static string Load(string name) => Read("common") + Read(name);

    private static string Read(string name)
    {
        Assembly assembly = typeof(ProgramSources).Assembly;
        using Stream stream = assembly.GetManifestResourceStream($"{Prefix}{name}.cl")
            ?? throw new ArgumentException($"there is no file of kernels named '{name}'", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

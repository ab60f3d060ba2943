using System.Reflection;
using System.Security.Cryptography;

namespace Tandem.Processors.OpenCl.Programs;

/// <summary>The kernels' sources, which are embedded in the assembly.</summary>
internal static class ProgramSources
{
    private const string Prefix = "Tandem.Processors.OpenCl.";

    /// <summary>The source of a file of kernels, after what all of them share.</summary>
    internal static string Load(string name) => Read("common") + Read(name);

    /// <summary>Whether a file of kernels says where each operand is read and written, so that it can be built for half precision.</summary>
    internal static bool KnowsHalfPrecision(string name) => Read(name).Contains("YOUT", StringComparison.Ordinal);

    /// <summary>
    /// Eight hexadecimal digits that differ when any of the kernels does: other kernels take other times, so what was measured of
    /// them is not of use for these.
    /// </summary>
    internal static string Version { get; } = VersionOfAll();

    private static string VersionOfAll()
    {
        Assembly assembly = typeof(ProgramSources).Assembly;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".cl", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using Stream stream = assembly.GetManifestResourceStream(resource)!;
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            hash.AppendData(bytes.ToArray());
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 4));
    }

    private static string Read(string name)
    {
        Assembly assembly = typeof(ProgramSources).Assembly;
        using Stream stream = assembly.GetManifestResourceStream($"{Prefix}{name}.cl")
            ?? throw new ArgumentException($"there is no file of kernels named '{name}'", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

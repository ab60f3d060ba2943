using System.Runtime.InteropServices;

namespace Tandem.Processors;

/// <summary>The name of this machine's CPU.</summary>
internal static class CpuModel
{
    private static readonly Lazy<string> _name = new(() =>
        FromLinux() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? Fallback());

    /// <summary>The name as the operating system gives it ("AMD EPYC"), else the instruction set and number of cores.</summary>
    public static string Name => _name.Value;

    /// <summary>The value of a key in the text of Linux's /proc/cpuinfo; null where it has none.</summary>
    public static string? Find(IEnumerable<string> lines, string key)
    {
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[..colon].Trim() == key && line[(colon + 1)..].Trim() is { Length: > 0 } value)
            {
                return value;
            }
        }
        return null;
    }

    private static string? FromLinux()
    {
        try
        {
            return OperatingSystem.IsLinux() ? Find(File.ReadLines("/proc/cpuinfo"), "model name") : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Fallback() => $"{RuntimeInformation.ProcessArchitecture} CPU with {Environment.ProcessorCount} cores";
}

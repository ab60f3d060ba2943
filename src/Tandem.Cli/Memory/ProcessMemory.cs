using System.Diagnostics;
using System.Globalization;

namespace Tandem.Cli.Memory;

/// <summary>What this process holds now, in bytes: /proc/self/status on Linux; elsewhere the working set.</summary>
/// <param name="ResidentBytes">Physical memory.</param>
/// <param name="FileBytes">Of that, pages of files; 0 where the system does not tell.</param>
/// <param name="PeakBytes">The most since the process began.</param>
internal readonly record struct ProcessMemory(long ResidentBytes, long FileBytes, long PeakBytes)
{
    /// <summary>Reads it.</summary>
    public static ProcessMemory Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return new ProcessMemory(process.WorkingSet64, 0, process.PeakWorkingSet64);
        }
        string[] lines = File.ReadAllLines("/proc/self/status");
        return new ProcessMemory(Bytes(lines, "VmRSS:"), Bytes(lines, "RssFile:"), Bytes(lines, "VmHWM:"));
    }

    private static long Bytes(string[] lines, string field)
    {
        string line = lines.First(l => l.StartsWith(field, StringComparison.Ordinal));
        string number = line.Split(' ', '\t').First(part => part.Length > 0 && char.IsAsciiDigit(part[0]));
        return 1024 * long.Parse(number, CultureInfo.InvariantCulture);
    }
}

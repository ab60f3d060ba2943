using System.Diagnostics;
using System.Globalization;

namespace Tandem.Cli;

/// <summary>The most memory that the process held since this was made, beyond what it held then.</summary>
/// <remarks>
/// On Linux the kernel's own high-water mark (VmHWM of /proc/self/status, reset through /proc/self/clear_refs), which misses
/// nothing; elsewhere the working set when asked.
/// </remarks>
internal sealed class PeakMemory
{
    private readonly long _before;

    public PeakMemory()
    {
        GC.Collect();
        _before = Resident("VmRSS:");
        if (OperatingSystem.IsLinux())
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
    }

    /// <summary>Bytes added at the peak.</summary>
    public long AddedBytes => Math.Max(0, Resident("VmHWM:") - _before);

    private static long Resident(string field)
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', '\t').First(part => part.Length > 0 && char.IsDigit(part[0])), CultureInfo.InvariantCulture);
    }

}

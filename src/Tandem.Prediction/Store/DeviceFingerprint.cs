using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Tandem.Prediction.Store;

/// <summary>
/// Which device measurements belong to. It stays the same over restarts, updates, CPU affinity and small differences in
/// memory; another CPU, core count, memory size class or operating system is another device. Accelerators are not part
/// of it: they are part of the key of their processor.
/// </summary>
/// <param name="CpuModel">The CPU's name, or several where the cores differ.</param>
/// <param name="CoreCount">Logical cores.</param>
/// <param name="MemoryClassGiB">Memory in GiB, rounded up to a power of two.</param>
/// <param name="System">Operating system and architecture, such as "linux-x64".</param>
public sealed partial record DeviceFingerprint(string CpuModel, int CoreCount, int MemoryClassGiB, string System)
{
    private const int IdBytes = 6;

    private static readonly Lazy<DeviceFingerprint> This = new(Read);

    /// <summary>Twelve hexadecimal digits that stand for all of it.</summary>
    public string Id => Hash(FormattableString.Invariant($"{CpuModel}\n{CoreCount}\n{MemoryClassGiB}\n{System}"));

    /// <summary>The device this program runs on.</summary>
    public static DeviceFingerprint Current() => This.Value;

    /// <summary>The fingerprint of a Linux device, from the texts of /proc/cpuinfo and /proc/meminfo and the board's name.</summary>
    /// <param name="cpuInfo">The text of /proc/cpuinfo.</param>
    /// <param name="memInfo">The text of /proc/meminfo.</param>
    /// <param name="board">The device tree's model, where there is one.</param>
    /// <param name="system">Operating system and architecture.</param>
    internal static DeviceFingerprint FromLinux(string cpuInfo, string memInfo, string board, string system)
    {
        var fields = cpuInfo.Split('\n')
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 2)
            .Select(parts => (Name: parts[0], Value: parts[1]))
            .ToList();
        int cores = fields.Count(field => field.Name == "processor");
        // x86 names the model; ARM numbers the core's design instead, one per cluster.
        IEnumerable<string> names = fields
            .Where(field => field.Name is "model name" or "CPU part" or "cpu model")
            .Select(field => field.Value)
            .Prepend(board.Trim('\0', ' ', '\n'));
        string model = string.Join(" + ", names.Where(name => name.Length > 0).Distinct());
        return new DeviceFingerprint(
            model.Length > 0 ? model : "unknown CPU",
            cores > 0 ? cores : Environment.ProcessorCount,
            MemoryClass(TotalBytes(memInfo)),
            system);
    }

    /// <summary>Bytes in GiB, rounded up to a power of two; at least 1.</summary>
    internal static int MemoryClass(long bytes)
    {
        double gibibytes = Math.Max(1, bytes / (double)(1L << 30));
        return 1 << (int)Math.Ceiling(Math.Log2(gibibytes));
    }

    private static long TotalBytes(string memInfo)
    {
        string total = memInfo.Split('\n').FirstOrDefault(line => line.StartsWith("MemTotal:", StringComparison.Ordinal), "");
        string kibibytes = string.Concat(total.Where(char.IsAsciiDigit));
        return long.TryParse(kibibytes, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value * 1024 : 0;
    }

    private static DeviceFingerprint Read()
    {
        string system = OperatingSystem.IsLinux() ? "linux"
            : OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx" : "other";
        system += "-" + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
        if (OperatingSystem.IsLinux())
        {
            string board = TextOf("/sys/firmware/devicetree/base/model");
            return FromLinux(TextOf("/proc/cpuinfo"), TextOf("/proc/meminfo"), board, system);
        }
        string model = OperatingSystem.IsMacOS()
            ? AppleCpuModel()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown CPU";
        long bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new DeviceFingerprint(model, Environment.ProcessorCount, MemoryClass(bytes), system);
    }

    private static unsafe string AppleCpuModel()
    {
        byte* name = stackalloc byte[256];
        nuint length = 255;
        return SystemControlByName("machdep.cpu.brand_string", name, ref length, 0, 0) == 0
            ? Encoding.UTF8.GetString(name, (int)length).TrimEnd('\0')
            : "unknown CPU";
    }

    [LibraryImport("libc", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int SystemControlByName(
        string name, byte* value, ref nuint length, nint newValue, nuint newLength);

    private static string TextOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, IdBytes));
}

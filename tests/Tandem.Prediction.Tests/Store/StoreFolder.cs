using Tandem.Prediction.Store;

namespace Tandem.Prediction.Tests.Store;

/// <summary>A temporary folder with a database in it, and things to put there.</summary>
internal sealed class StoreFolder : IDisposable
{
    internal static readonly DeviceFingerprint Device = new("Test CPU", 4, 8, "linux-x64");

    internal static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    internal string Folder { get; } = Directory.CreateTempSubdirectory("tandem-store-").FullName;

    internal string Database => Path.Combine(Folder, "data", "profile.db");

    internal List<string> Warnings { get; } = [];

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    internal ProfileStore Open(DeviceFingerprint? device = null) => new(Database, device ?? Device, Warnings.Add);

    internal static Sample Sample(int kernel, string processor = "cpu", double median = 1.5) =>
        new(processor, kernel.ToString("x16", null), $"Conv {kernel}", median, median * 0.9, median * 1.25, 15, Noon.AddSeconds(kernel));
}

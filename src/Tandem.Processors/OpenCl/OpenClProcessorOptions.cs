namespace Tandem.Processors.OpenCl;

/// <summary>How an OpenCL processor is made.</summary>
public sealed record OpenClProcessorOptions
{
    /// <value>The name plans use. Default "gpu".</value>
    public string Name { get; init; } = "gpu";

    /// <value>The processor whose worker runs its slices, where it is a second engine on that one's cores; null: its own.</value>
    public string? Worker { get; init; }

    /// <value>Part of the platform's name to look for, case-insensitively; null takes any.</value>
    public string? Platform { get; init; }

    /// <value>Part of the device's name to look for, case-insensitively; null takes any.</value>
    public string? Device { get; init; }

    /// <value>The type of device to take; null takes the best: a GPU, then another accelerator, then the CPU.</value>
    public OpenClDeviceType? Type { get; init; }

    /// <value>The cores that a CPU-backed device works on. Default: the last core of the machine.</value>
    /// <remarks>
    /// CPU-backed drivers start their workers once for a process, so the first use of OpenCL decides which cores there are devices for;
    /// a later processor that asks for other cores fails. See <see cref="OpenClDevice.Enumerate"/>.
    /// </remarks>
    public IReadOnlyList<int>? Cores { get; init; }

    /// <value>Whether a device that is in fact served by CPU cores may be taken. Default true.</value>
    public bool AllowCpuBacked { get; init; } = true;

    /// <value>Where built programs are kept. Default: "tandem/opencl" in the user's cache directory.</value>
    public string CacheDirectory { get; init; } = DefaultCacheDirectory();

    /// <value>
    /// How tensors get to the device and back; null chooses by device. Set only to test one way on a device that has another.
    /// </value>
    internal MemorySharing? Sharing { get; init; }

    /// <value>Whether a CPU-backed device is used as if it were a GPU. Set only in tests.</value>
    internal bool TreatAsGpu { get; init; }

    private static string DefaultCacheDirectory()
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string root = !string.IsNullOrEmpty(cache) ? cache
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(home, ".cache");
        return Path.Combine(root, "tandem", "opencl");
    }
}

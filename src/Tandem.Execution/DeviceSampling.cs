using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Profiling;
using Tandem.Profiling.Sampling;

namespace Tandem.Execution;

/// <summary>Samples kernels of random sizes on this device's processors and keeps them in the profile.</summary>
public sealed class DeviceSampling
{
    private readonly LocalDevice _device;
    private readonly string? _profilePath;
    private readonly Action<string>? _warn;

    /// <summary>Prepares sampling.</summary>
    /// <param name="device">The processors; must outlive this.</param>
    /// <param name="profilePath">The file in which samples are kept; null keeps them in memory only.</param>
    /// <param name="warn">Gets one line when a damaged profile was moved aside.</param>
    public DeviceSampling(LocalDevice device, string? profilePath, Action<string>? warn = null) =>
        (_device, _profilePath, _warn) = (device, profilePath, warn);

    /// <summary>What is known of the device.</summary>
    public Profile Profile { get; } = new();

    /// <summary>Measures kernels and keeps them, also when it is cancelled.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="options">How thoroughly.</param>
    /// <param name="progress">Told before each kernel.</param>
    /// <param name="cancellation">Stops between two kernels; what was measured is kept.</param>
    /// <exception cref="ProfileStoreException">The profile cannot be opened, read or written.</exception>
    public IReadOnlyList<SamplingResult> Measure(
        IReadOnlyList<DrawnKernel> kernels,
        SamplingOptions options,
        IProgress<ProfilingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using ProfileStore? store = _profilePath is null ? null : new ProfileStore(_profilePath, DeviceFingerprint.Current(), _warn);
        if (store is not null)
        {
            Profile.Load(store, _device.All.Select(p => p.Info.Key));
            DeviceChoices.Apply(Profile, _device.Cooperating);
        }
        return new KernelSampler(options, TimeProvider.System).Measure(
            kernels, _device.Cooperating, Profile, store is null ? null : () => Profile.Save(store), progress, cancellation);
    }
}

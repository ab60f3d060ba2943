using Tandem.Planning;

namespace Tandem.Execution;

/// <summary>How a <see cref="ThroughputSession"/> is made.</summary>
public sealed record ThroughputSessionOptions
{
    /// <summary>The lanes; null takes the best, found once by running what can be planned in turns (<see cref="ThroughputChooser"/>).</summary>
    public ThroughputPlan? Plan { get; init; }

    /// <summary>The processors. Default: those of this machine, opened and disposed by the session.</summary>
    public LocalDevice? Device { get; init; }

    /// <summary>Which processors of this machine are opened where no device is given.</summary>
    public LocalDeviceOptions DeviceOptions { get; init; } = new();

    /// <summary>How the network is profiled.</summary>
    public DeploymentOptions Deployment { get; init; } = new();

    /// <summary>How many inferences may run or wait at the same time; whoever asks for another waits until one has ended.</summary>
    public int MostInFlight { get; init; } = 64;

    /// <summary>
    /// How long one inference may run before a processor that has not answered is held to hang, and the inference is run in another
    /// lane. <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.
    /// </summary>
    public TimeSpan RunTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Shapes of inputs whose dimensions the model leaves open, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>>? InputShapes { get; init; }
}

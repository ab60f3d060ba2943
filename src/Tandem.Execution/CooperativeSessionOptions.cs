using Tandem.Execution.Adaptation;
using Tandem.Planning;

namespace Tandem.Execution;

/// <summary>How a <see cref="CooperativeSession"/> is made.</summary>
public sealed record CooperativeSessionOptions
{
    /// <summary>The policy that makes the plan; one of <see cref="PolicyNames"/>.</summary>
    public string Policy { get; init; } = PolicyNames.Tandem;

    /// <summary>A plan made before; null plans anew.</summary>
    public Plan? Plan { get; init; }

    /// <summary>The processors. Default: those of this machine, opened and disposed by the session.</summary>
    public LocalDevice? Device { get; init; }

    /// <summary>Which processors of this machine are opened where no device is given.</summary>
    public LocalDeviceOptions DeviceOptions { get; init; } = new();

    /// <summary>How the network is profiled and planned.</summary>
    public DeploymentOptions Deployment { get; init; } = new();

    /// <summary>How the session adapts when processors become slower while it runs.</summary>
    public AdaptationOptions Adaptation { get; init; } = new();

    /// <summary>
    /// How long one inference may take before a processor that has not answered is held to hang, and the inference is run on a plan
    /// that does without it. <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.
    /// </summary>
    public TimeSpan RunTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Shapes of inputs whose dimensions the model leaves open, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>>? InputShapes { get; init; }
}

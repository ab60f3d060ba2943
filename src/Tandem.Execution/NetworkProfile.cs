using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Planning;
using Tandem.Prediction;
using Tandem.Prediction.Kernels;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;
using Tandem.Profiling;

namespace Tandem.Execution;

/// <summary>
/// What is known of one network's kernels on one device: read from the stored profile, measured where that lacks something, and kept.
/// Used by one thread at a time.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="device">The processors.</param>
/// <param name="options">Where the profile is stored, and how it is made.</param>
internal sealed class NetworkProfile(Network network, LocalDevice device, DeploymentOptions options)
{
    private const double DefaultHandOverMicroseconds = 2;

    private PlanningProblem? _problem;

    /// <summary>What is known; complete for this network once <see cref="EnsureProfiled"/> was called.</summary>
    public Profile Profile { get; } = new();

    /// <summary>What policies decide about. Profiles the network first where that was not done.</summary>
    public PlanningProblem Problem => _problem ?? EnsureProfiled();

    /// <summary>The processors as plans know them.</summary>
    public IReadOnlyList<PlanProcessor> Cooperating => [.. device.Cooperating.Select(AsPlanned)];

    /// <summary>Reads what is stored; false where nothing is.</summary>
    public bool TryLoad()
    {
        using ProfileStore? store = options.ProfilePath is { } path && File.Exists(path) ? OpenStore(path) : null;
        return store is not null && Load(store);
    }

    /// <summary>Measures what the stored profile lacks of this network, and keeps it.</summary>
    /// <exception cref="TandemException">The time limit was too short to measure every kernel once.</exception>
    public PlanningProblem EnsureProfiled(CancellationToken cancellation = default)
    {
        Measure(profiler =>
        {
            new HandOverProfiler(options.Profiling, options.Time).Choose(device.Cooperating, Profile);
            if (options.Profiling.Again || Profile.Cost(CostNames.Memory, CostNames.RowCopy, 0) == 0)
            {
                new LinkProfiler(options.Profiling, options.Time).Measure(device.Cooperating, Profile);
            }
            if (options.EstimatesKernels && device.Cooperating.All(p => KernelEstimates.Samples(Profile, p.Info.Key).Any()))
            {
                return;
            }
            new KernelTuner(options.Profiling, options.Time).Tune(network, device.Cooperating, Profile, options.Progress, cancellation);
            IProcessor[] wholeOnly = device.AllCores is null ? [] : [device.AllCores];
            profiler.Measure(network, device.Cooperating, wholeOnly, Profile, options.Progress, cancellation);
        });
        return _problem = NewProblem();
    }

    /// <summary>Measures what a policy must know of kernels in other precisions and the stored profile lacks, and keeps it.</summary>
    /// <param name="wanted">What it must know of 8-bit kernels.</param>
    /// <param name="needsHalf">Whether it must know kernels in half precision.</param>
    /// <param name="quantizer">Makes 8-bit slices.</param>
    /// <param name="cancellation">Stops between two measurements.</param>
    /// <exception cref="PlanException">The network cannot be quantised.</exception>
    public void EnsureProfiledFor(Int8Measurements wanted, bool needsHalf, NetworkQuantizer quantizer, CancellationToken cancellation)
    {
        IProcessor[] half = needsHalf ? [.. device.Cooperating.Where(p => p.HasHalfPrecision)] : [];
        IProcessor[] int8 = wanted != Int8Measurements.None ? [.. device.All.Where(HasIntegerKernels)] : [];
        IProcessor[] shared = wanted >= Int8Measurements.Kernels ? [.. int8.Intersect(device.Cooperating)] : [];
        if (half.Length + int8.Length == 0)
        {
            return;
        }
        try
        {
            Measure(profiler =>
            {
                profiler.MeasureInt8(
                    network, shared, [.. int8.Except(shared)], quantizer.Quantize, Profile, options.Progress,
                    wanted == Int8Measurements.Slices, cancellation);
                profiler.MeasureHalf(network, half, Profile, options.Progress, cancellation);
            });
        }
        catch (QuantizationException e)
        {
            throw new PlanException(e.Message, e);
        }
    }

    /// <summary>
    /// What policies decide about, from what is known already: measures nothing. Null where nothing is stored; what is stored
    /// may lack kernels, of which the predictor then says so.
    /// </summary>
    public PlanningProblem? FindProblem() => _problem ??= TryLoad() ? NewProblem() : null;

    /// <summary>Whether a processor has kernels for 8-bit integers.</summary>
    public static bool HasIntegerKernels(IProcessor processor) =>
        processor is OrtProcessor && processor.Info.Kind == ProcessorKind.Cpu;

    private void Measure(Action<NetworkProfiler> measure)
    {
        using ProfileStore? store = options.ProfilePath is { } path ? OpenStore(path) : null;
        _ = store is not null && Load(store);
        try
        {
            measure(new NetworkProfiler(options.Profiling, options.Time));
        }
        finally
        {
            if (store is not null)
            {
                Profile.Save(store);
            }
        }
    }

    private ProfileStore OpenStore(string path) => new(path, DeviceFingerprint.Current(), options.Warn);

    private bool Load(ProfileStore store)
    {
        Profile.Load(store, device.All.Select(p => p.Info.Key));
        DeviceChoices.Apply(Profile, device.Cooperating);
        return Profile.Samples.Count > 0;
    }

    private PlanningProblem NewProblem() => new(
        network,
        Cooperating,
        device.AllCores is null ? null : AsPlanned(device.AllCores),
        new SlicePredictor(network, Profile, options.EstimatesKernels ? new KernelEstimates(network, Profile) : null),
        Profile.Cost(CostNames.Memory, CostNames.HandOver, DefaultHandOverMicroseconds) / 1000)
    {
        Objective = options.Objective,
    };

    private PlanProcessor AsPlanned(IProcessor processor) => new(
        processor.Info.Name, processor.Info.Key, PowerOf(processor.Info.Name) ?? PowerOf(processor.Info.Worker))
    {
        Worker = processor.Info.Worker,
        HasIntegerKernels = HasIntegerKernels(processor),
        HasHalfPrecision = processor.HasHalfPrecision,
    };

    private ProcessorPower? PowerOf(string processor) => options.Powers.TryGetValue(processor, out ProcessorPower power) ? power : null;
}

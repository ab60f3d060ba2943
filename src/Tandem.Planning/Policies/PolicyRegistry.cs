using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies.Codl;
using Tandem.Prediction.MuLayer;

namespace Tandem.Planning.Policies;

/// <summary>Every policy by name. A new policy is one class and one line here.</summary>
public static class PolicyRegistry
{
    private static readonly SliceAxis[] AllAxes = [SliceAxis.Channels, SliceAxis.Rows, SliceAxis.InputChannels];

    /// <summary>The policies that are compared when nothing else is asked for, plain ones first, in the order in which tables show them.</summary>
    public static IReadOnlyList<IPolicy> Compared { get; } =
    [
        new SingleProcessorPolicy(PolicyNames.OrtAllCores),
        new SingleProcessorPolicy(PolicyNames.Cpu),
        new SingleProcessorPolicy(PolicyNames.Gpu),
        new MuLayerPolicy(PolicyNames.MuLayer),
        new CodlPolicy(PolicyNames.Codl, new CodlOptions()),
        new SegmentPolicy(PolicyNames.Segments, AllAxes) { DistributesBranches = true },
        new SegmentPolicy(PolicyNames.Tandem, AllAxes) { DistributesBranches = true },
    ];

    /// <summary>
    /// Policies that lack one mechanism of another, or have one that changes outputs: the difference shows what it is worth.
    /// </summary>
    public static IReadOnlyList<IPolicy> Ablations { get; } =
    [
        new MuLayerPolicy(PolicyNames.MuLayerNoBranches) { DistributesBranches = false },
        new MuLayerPolicy(PolicyNames.MuLayerFlopRatio) { FitPredictor = FlopLayerPredictor.Fit },
        new MuLayerPolicy(PolicyNames.MuLayerInt8) { UsesIntegerKernels = true, UsesHalfPrecision = true },
        new MuLayerPolicy(PolicyNames.MuLayerFp16) { UsesHalfPrecision = true },
        new QuantizedProcessorPolicy(PolicyNames.OrtInt8AllCores, PolicyNames.OrtAllCores),
        new QuantizedProcessorPolicy(PolicyNames.CpuInt8, PolicyNames.Cpu),
        new CodlPolicy(PolicyNames.CodlNoChains, new CodlOptions { UsesChains = false }),
        new CodlPolicy(PolicyNames.CodlChannelsOnly, new CodlOptions { Axes = [SliceAxis.Channels] }),
        new CodlPolicy(PolicyNames.CodlRowsOnly, new CodlOptions { Axes = [SliceAxis.Rows] }),
        new CodlPolicy(PolicyNames.CodlOperationRatio, new CodlOptions { PredictsFromOperations = true }),
        new SegmentPolicy(PolicyNames.RowChains, [SliceAxis.Rows]) { DistributesBranches = true },
        new SegmentPolicy(PolicyNames.TandemChannelsOnly, [SliceAxis.Channels]) { DistributesBranches = true },
        new SegmentPolicy(PolicyNames.TandemNoChains, AllAxes) { DistributesBranches = true, LongestDivided = 1 },
        new SegmentPolicy(PolicyNames.TandemNoPairs, [SliceAxis.Channels, SliceAxis.Rows]) { DistributesBranches = true },
        new SegmentPolicy(PolicyNames.TandemNoInPlace, AllAxes) { DistributesBranches = true, ConcatenatesInPlace = false },
        new SegmentPolicy(PolicyNames.TandemNoBranches, AllAxes),
        new SegmentPolicy(PolicyNames.TandemOneEngine, AllAxes) { DistributesBranches = true, UsesSecondEngines = false },
        new SegmentPolicy(PolicyNames.CpuEngines, []) { OnlyWorker = PolicyNames.Cpu },
    ];

    /// <summary>Every policy.</summary>
    public static IReadOnlyList<IPolicy> All { get; } = [.. Compared, .. Ablations];

    /// <summary>The policy of a name.</summary>
    /// <exception cref="PlanException">There is no such policy; the message lists those that there are.</exception>
    public static IPolicy Find(string name) => All.FirstOrDefault(p => p.Name == name)
        ?? throw new PlanException($"no policy '{name}': choose one of {string.Join(", ", All.Select(p => p.Name))}");
}

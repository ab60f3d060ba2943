using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies.Codl;

/// <summary>Which of CoDL's mechanisms a policy uses: everything for CoDL itself, all but one for an ablation.</summary>
public sealed record CodlOptions
{
    /// <summary>The dimensions that an operator may be divided along: rows (H) and output channels (OC) for hybrid-dimension partitioning.</summary>
    public IReadOnlyList<SliceAxis> Axes { get; init; } = [SliceAxis.Rows, SliceAxis.Channels];

    /// <summary>Whether operators are chained; without chains every operator shares its data.</summary>
    public bool UsesChains { get; init; } = true;

    /// <summary>
    /// Whether latencies are predicted from operations and the speed of a whole processor, as muLayer's partitioner does,
    /// instead of by CoDL's predictor.
    /// </summary>
    public bool PredictsFromOperations { get; init; }
}

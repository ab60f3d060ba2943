using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies.Codl;

/// <summary>Consecutive kernels that both processors run back to back on their own share, or that one of them runs alone.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Axis">Rows (H) or output channels (OC).</param>
/// <param name="FirstShare">
/// The first processor's share, 0 to 1; CoDL's ratio is that of the GPU, which comes second here: 1 less this. At 0 and 1 nothing is
/// divided, whatever the axis.
/// </param>
internal readonly record struct Chain(KernelRange Kernels, SliceAxis Axis, double FirstShare)
{
    /// <summary>Whether both processors have a part.</summary>
    public bool IsDivided => FirstShare is > 0 and < 1;

    /// <summary>The share of a processor, 0 or 1.</summary>
    public Share ShareOf(int processor) => processor == 0 ? new Share(0, FirstShare) : new Share(FirstShare, 1);

    /// <summary>The slice of a processor.</summary>
    public SliceSpec SliceOf(int processor) => IsDivided ? new SliceSpec(Kernels, Axis, ShareOf(processor)) : SliceSpec.Of(Kernels);
}

/// <summary>What a chain is expected to take.</summary>
/// <param name="FirstMs">The first processor's step, in milliseconds; 0 where it has none.</param>
/// <param name="SecondMs">The second processor's step, in milliseconds; 0 where it has none.</param>
/// <param name="TotalMs">From the chain's start to its end, synchronisation included, in milliseconds; infinite where it cannot run.</param>
internal readonly record struct ChainCost(double FirstMs, double SecondMs, double TotalMs)
{
    /// <summary>The cost of what cannot be done.</summary>
    public static ChainCost Impossible { get; } = new(0, 0, double.PositiveInfinity);

    /// <summary>Whether the chain can run.</summary>
    public bool IsPossible => !double.IsInfinity(TotalMs);
}

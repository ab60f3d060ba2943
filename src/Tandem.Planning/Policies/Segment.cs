using Tandem.Graphs.Kernels;

namespace Tandem.Planning.Policies;

/// <summary>A way to run some consecutive kernels, and what it costs.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Drafts">One step, or several that run side by side; after partial sums, the steps that add them; none for a concatenation in place.</param>
/// <param name="CostMs">Expected time from the segment's start to its end, in milliseconds.</param>
/// <param name="EnergyMillijoules">Expected energy of all processors in that time; 0 where their power is not known.</param>
internal sealed record Segment(KernelRange Kernels, IReadOnlyList<StepDraft> Drafts, double CostMs, double EnergyMillijoules)
{
    /// <summary>What its 8-bit steps add to the square of the outputs' relative error; 0 for one in float32.</summary>
    public double ErrorSquare { get; init; }
}

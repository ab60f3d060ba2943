using Tandem.Graphs.Kernels;

namespace Tandem.Planning.Policies;

/// <summary>How some consecutive kernels are best run, and what that costs.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Drafts">One step, or two that run side by side.</param>
/// <param name="CostMs">Expected time from the segment's start to its end, in milliseconds.</param>
internal sealed record Segment(KernelRange Kernels, IReadOnlyList<StepDraft> Drafts, double CostMs);

using Tandem.Graphs.Slicing;

namespace Tandem.Planning;

/// <summary>What a policy decides of a step: who runs what, and how long that is expected to take.</summary>
/// <param name="Processor">Name of the processor.</param>
/// <param name="Slice">What it runs.</param>
/// <param name="PredictedMs">How long it is expected to take, in milliseconds.</param>
public readonly record struct StepDraft(string Processor, SliceSpec Slice, double PredictedMs);

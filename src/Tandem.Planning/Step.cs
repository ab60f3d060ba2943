using Tandem.Graphs.Slicing;

namespace Tandem.Planning;

/// <summary>One slice that one processor runs.</summary>
/// <param name="Id">Its place in <see cref="Plan.Steps"/>.</param>
/// <param name="Processor">Name of the processor.</param>
/// <param name="Slice">What it runs.</param>
/// <param name="DependsOn">
/// The steps whose outputs it reads, by id, each smaller than its own. It may start when all of them have ended.
/// </param>
/// <param name="PredictedStartMs">When it is expected to start, in milliseconds from the start of the inference.</param>
/// <param name="PredictedMs">How long it is expected to take, in milliseconds.</param>
public sealed record Step(
    int Id,
    string Processor,
    SliceSpec Slice,
    IReadOnlyList<int> DependsOn,
    double PredictedStartMs,
    double PredictedMs);

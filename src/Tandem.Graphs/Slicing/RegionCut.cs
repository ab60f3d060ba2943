using Tandem.Graphs.Slicing.Rules;

namespace Tandem.Graphs.Slicing;

/// <summary>
/// How every operator of a region is cut for one share: the result of an analysis, from which the slice is built.
/// </summary>
/// <param name="Operators">The operators that the slice runs, in order, each with its cut.</param>
/// <param name="Outputs">The range of each output of the region.</param>
internal sealed record RegionCut(
    IReadOnlyList<(Operator Operator, OperatorCut Cut)> Operators,
    IReadOnlyList<SliceEnd> Outputs);

using Tandem.Graphs;

namespace Tandem.Learning.Training;

/// <summary>A tensor that a step reads and writes anew: a weight, a running statistic, or what an optimiser keeps.</summary>
/// <param name="Tensor">The input by which a step gets it.</param>
/// <param name="Updated">The output by which the step returns it.</param>
/// <param name="Initial">Its contents before the first step; null for zeros.</param>
public sealed record TrainingState(Tensor Tensor, string Updated, Constant? Initial);

using Tandem.Graphs;

namespace Tandem.Learning.Training;

/// <summary>Everything that training needs to go on bit for bit as if it had not been interrupted.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="RandomState">What the caller needs to repeat its own random choices.</param>
/// <param name="Tensors">Weights, running statistics and what the optimiser keeps, by the names of the step graph's inputs.</param>
public sealed record Checkpoint(string Network, long Steps, ReadOnlyMemory<byte> RandomState, IReadOnlyList<Constant> Tensors);

namespace Tandem.Graphs.Slicing;

/// <summary>A part of a graph that one processor can compile and run: a small graph of its own, and where its ends lie.</summary>
/// <param name="Graph">A complete, valid graph; its inputs and outputs are in the order of the two lists.</param>
/// <param name="Inputs">For each input of the graph, the range of the whole network's tensor that it reads.</param>
/// <param name="Outputs">For each output of the graph, the range of the whole network's tensor that it writes.</param>
public sealed record Slice(Graph Graph, IReadOnlyList<SliceEnd> Inputs, IReadOnlyList<SliceEnd> Outputs);

/// <summary>One input or output of a slice.</summary>
/// <param name="Tensor">The whole tensor, as in the network that was sliced.</param>
/// <param name="Range">The range of it that the slice reads or writes.</param>
public sealed record SliceEnd(Tensor Tensor, TensorRange Range);

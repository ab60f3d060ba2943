namespace Tandem.Graphs.Kernels;

/// <summary>A graph that is ready to be planned: constants folded, and its operators grouped into kernels.</summary>
/// <param name="Graph">The prepared graph, standard ONNX operators only.</param>
/// <param name="Kernels">Every operator in exactly one kernel; each kernel after those it reads from.</param>
public sealed record Network(Graph Graph, IReadOnlyList<Kernel> Kernels);

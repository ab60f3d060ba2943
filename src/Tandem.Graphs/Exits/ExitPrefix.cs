using Tandem.Graphs.Costs;

namespace Tandem.Graphs.Exits;

/// <summary>The part of a network that some of its tensors need.</summary>
public static class ExitPrefix
{
    /// <summary>The network up to some tensors, which become its outputs.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="outputs">Names of tensors that operators make, such as exits' outputs.</param>
    public static Graph Of(Graph graph, IReadOnlyList<string> outputs) => new GraphDraft(graph).ToGraph(outputs);

    /// <summary>The multiply-accumulates that some tensors need.</summary>
    public static long Macs(Graph graph, IReadOnlyList<string> outputs) => OperatorCost.Of(Of(graph, outputs)).Macs;
}

using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Onnx;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>A network with exits, as it lies in a file.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Description">Its exits.</param>
internal sealed record ProgressiveModel(Graph Graph, ProgressiveDescription Description)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="TandemException">It cannot be read, or the network has no exits.</exception>
    public static ProgressiveModel Load(string path)
    {
        Graph graph = OnnxFile.Load(path);
        ProgressiveDescription? description;
        try
        {
            description = ProgressiveDescription.Of(graph);
        }
        catch (InvalidModelException e)
        {
            throw new TandemException($"'{path}': {e.Message}", e);
        }
        return description is null
            ? throw new TandemException($"'{path}' is an ordinary network without exits: give it some with 'tandem progressive train'")
            : new ProgressiveModel(graph, description);
    }
}

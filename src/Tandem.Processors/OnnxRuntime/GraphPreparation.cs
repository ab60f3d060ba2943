using Tandem.Graphs;
using Tandem.Graphs.Onnx;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>
/// Prepares a loaded network for planning with ONNX Runtime's own optimiser: what it folds and fuses is read back from the
/// graphs that it saves, not guessed.
/// </summary>
public static class GraphPreparation
{
    /// <summary>The graph that ONNX Runtime runs in place of a graph at an optimisation level.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="level">
    /// <see cref="GraphOptimizationLevel.ORT_ENABLE_BASIC"/>: standard ONNX operators only;
    /// <see cref="GraphOptimizationLevel.ORT_ENABLE_EXTENDED"/>: also ONNX Runtime's own, such as FusedConv. Levels above
    /// depend on the machine and cannot be saved.
    /// </param>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot load the graph.</exception>
    public static Graph Optimize(Graph graph, GraphOptimizationLevel level)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            (int)level, (int)GraphOptimizationLevel.ORT_ENABLE_EXTENDED, nameof(level));
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-");
        try
        {
            string file = Path.Combine(folder.FullName, "optimized.onnx");
            Save(graph, level, file);
            Graph saved = OnnxFile.Load(file);
            return new Graph(
                graph.Name, saved.Opsets, saved.Inputs, [.. saved.Outputs.Select(o => o.Name)],
                saved.Operators, saved.Constants.Values);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Save(Graph graph, GraphOptimizationLevel level, string file)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            GraphOptimizationLevel = level,
            OptimizedModelFilePath = file,
        };
        // The session is made for the file only: its weights need no second, packed copy.
        options.AddSessionConfigEntry("session.disable_prepacking", "1");
        try
        {
            using var session = new InferenceSession(OnnxFile.Serialize(graph), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException($"ONNX Runtime cannot load network '{graph.Name}': {e.Detail}", e);
        }
    }
}

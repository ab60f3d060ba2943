using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Onnx;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>
/// Prepares a loaded network for planning with ONNX Runtime's own optimiser: what it folds and fuses is read back from the
/// graphs that it saves, not guessed.
/// </summary>
public static class GraphPreparation
{
    /// <summary>Prepares a network: single precision, constants folded, operators grouped into kernels.</summary>
    /// <param name="loaded">The network as its file has it.</param>
    /// <returns>The prepared graph, with the same inputs and outputs by name and shape, and its kernels.</returns>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot load the network.</exception>
    /// <exception cref="ProcessorFailedException">ONNX Runtime's native library is missing or does not load.</exception>
    public static Network Prepare(Graph loaded)
    {
        Graph prepared = Optimize(Precision.WidenToFloat32(loaded), GraphOptimizationLevel.ORT_ENABLE_BASIC);
        Graph fused = Optimize(prepared, GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
        return KernelDetector.Detect(prepared, fused);
    }

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
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-");
        try
        {
            string file = Path.Combine(folder.FullName, "optimized.onnx");
            Save(graph, level, file);
            return OnnxFile.Load(file);
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

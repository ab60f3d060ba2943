using System.Runtime.Intrinsics.X86;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Onnx;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>
/// Prepares a loaded network for planning with ONNX Runtime's own optimiser: what it folds and fuses is read back from the
/// graphs that it saves, not guessed.
/// </summary>
public static class GraphPreparation
{
    private const long LargeConstantBytes = 1 << 16;
    private const int LargestBlock = 16;

    /// <summary>Prepares a network: single precision, constants folded, operators grouped into kernels.</summary>
    /// <param name="loaded">The network as its file has it.</param>
    /// <returns>
    /// The prepared graph, with the same inputs and outputs by name and shape, and its kernels; in a progressive network those that an exit
    /// needs come before all others.
    /// </returns>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot load the network, or there is nothing in it to run.</exception>
    /// <exception cref="ProcessorFailedException">ONNX Runtime's native library is missing or does not load.</exception>
    public static Network Prepare(Graph loaded)
    {
        Graph folded = Optimize(SumRewriting.Apply(Precision.WidenToFloat32(loaded)), GraphOptimizationLevel.ORT_ENABLE_BASIC);
        Graph prepared = ChannelAffineFusion.Join(folded, RunsInBlocks);
        if (prepared.Operators.Count == 0)
        {
            throw new InvalidModelException(
                $"network '{loaded.Name}' has nothing to run: each of its outputs is an input or a constant");
        }
        Graph fused = Optimize(WithoutLargeConstants(prepared), GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
        return ExitStages.Arrange(KernelDetector.Detect(prepared, fused));
    }

    /// <summary>The graph that ONNX Runtime runs in place of a graph at an optimisation level.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="level">
    /// <see cref="GraphOptimizationLevel.ORT_ENABLE_BASIC"/>: standard ONNX operators only;
    /// <see cref="GraphOptimizationLevel.ORT_ENABLE_EXTENDED"/>: also ONNX Runtime's own, such as FusedConv. Levels above
    /// depend on the machine and cannot be saved.
    /// </param>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot load the graph.</exception>
    public static Graph Optimize(Graph graph, GraphOptimizationLevel level) =>
        Optimize(graph, level, Directory.CreateTempSubdirectory("tandem-"));

    /// <summary>As the public method, saving in a folder that is deleted whatever happens.</summary>
    internal static Graph Optimize(Graph graph, GraphOptimizationLevel level, DirectoryInfo folder)
    {
        try
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(
                (int)level, (int)GraphOptimizationLevel.ORT_ENABLE_EXTENDED, nameof(level));
            string file = Path.Combine(folder.FullName, "optimized.onnx");
            Save(graph, level, file);
            UnusedMemory.ReturnNativeToSystem();
            Graph saved = OnnxFile.Load(file);
            // The saved file also names every operator set that the library knows.
            HashSet<string> domains = ["", .. saved.Operators.Select(op => op.Domain)];
            return new Graph(
                graph.Name,
                saved.Opsets.Where(opset => domains.Contains(opset.Key)).ToDictionary(),
                saved.Inputs,
                [.. saved.Outputs.Select(output => output.Name)],
                saved.Operators,
                MappedWeights.Map(saved.Constants.Values))
            {
                // The library does not save what it does not know, such as a progressive network's exits.
                Metadata = graph.Metadata,
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// The graph with its large weights as inputs. What is fused at the extended level into convolutions and matrix products
    /// does not depend on their values, and so they need not be written and read again.
    /// </summary>
    internal static Graph WithoutLargeConstants(Graph graph)
    {
        ILookup<bool, Constant> constants = graph.Constants.Values.ToLookup(c => c.Tensor.SizeInBytes > LargeConstantBytes);
        return new Graph(
            graph.Name,
            graph.Opsets,
            [.. graph.Inputs, .. constants[true].Select(constant => constant.Tensor)],
            [.. graph.Outputs.Select(output => output.Name)],
            graph.Operators,
            constants[false]);
    }

    /// <summary>Whether ONNX Runtime computes depthwise convolutions of so many channels in its blocked layout, 8 or 16 channels side by side.</summary>
    private static bool RunsInBlocks(long channels) => X86Base.IsSupported && channels % LargestBlock == 0;

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
            using var weights = new ExternalWeights(graph, c => c.Tensor.SizeInBytes > LargeConstantBytes);
            using InferenceSession session = weights.Open(options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException($"ONNX Runtime cannot load network '{graph.Name}': {e.Detail}", e);
        }
    }
}

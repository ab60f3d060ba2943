using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Learning.Training.Blocked;

/// <summary>
/// Rewrites graphs so that images stay in ONNX Runtime's blocked layout (NCHWc: 16 channels of a pixel side by side) from layer to
/// layer. ONNX Runtime does so by itself only for weights that are constants, which those in training are not.
/// </summary>
public static class BlockedLayout
{
    /// <summary>Channels side by side.</summary>
    internal const long Block = 16;

    private static readonly Lazy<bool> _isSupported = new(Probe);

    /// <summary>Whether ONNX Runtime lays 16 channels side by side on this machine (it does with AVX-512).</summary>
    public static bool IsSupported => _isSupported.Value;

    /// <summary>The graph with the same inputs and outputs, and in between what can be in the blocked layout.</summary>
    public static Graph Apply(Graph graph) => new BlockedWriter(graph).Write();

    // Where the second pixel of the first channel lands tells how many channels lie between.
    private static bool Probe()
    {
        var draft = new GraphDraft("probe", 13);
        Tensor x = draft.Input(new Tensor("x", ElementType.Float32, new Shape(1, Block, 1, 2)));
        draft.Add(new Operator("y", "ReorderInput", [x.Name], ["y"], null, BlockedWriter.Domain));
        float[] numbers = [.. Enumerable.Range(0, 2 * (int)Block).Select(i => (float)i)];
        try
        {
            using var session = new InferenceSession(OnnxFile.Serialize(draft.ToGraph(["y"])));
            using OrtValue input = OrtValue.CreateTensorValueFromMemory(numbers, [.. x.Shape]);
            using OrtValue output = session.Run(null, ["x"], [input], ["y"])[0];
            return output.GetTensorDataAsSpan<float>().IndexOf(1f) == Block;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }
}

using System.Runtime.InteropServices;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests.Exits;

/// <summary>A small network with two exits before its own end, whose operators come in another order than an inference by its exits.</summary>
internal static class ProgressiveNetwork
{
    private const int Classes = 6;

    public static Graph Model { get; } = Make();

    // As long as the tests run.
    private static readonly InferenceSession Reference = new(OnnxFile.Serialize(Model), new SessionOptions { IntraOpNumThreads = 1 });

    public static Network Prepared { get; } = GraphPreparation.Prepare(Model);

    public static ProgressiveDescription Description { get; } = ProgressiveDescription.Of(Model)!;

    public static float[] Image(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)Model.Inputs[0].Shape.ElementCount).Select(_ => (float)(random.NextDouble() * 8) - 4)];
    }

    /// <summary>The scores of every exit by one session of plain ONNX Runtime, in the order of the exits.</summary>
    public static float[][] Scores(float[] image)
    {
        string[] names = [.. Description.Exits.Select(exit => exit.Output)];
        using var options = new RunOptions();
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(image, [.. Model.Inputs[0].Shape]);
        return [.. Reference.Run(options, ["image"], [value], names).Select(output =>
        {
            using (output)
            {
                return MemoryMarshal.Cast<byte, float>(output.GetTensorMutableRawData()).ToArray();
            }
        })];
    }

    /// <summary>What an exit says of its scores.</summary>
    public static (int Class, double Probability) Read(int exit, float[] scores)
    {
        (int best, double probability) = Confidence.Of(scores, Description.Exits[exit].Temperature);
        return (best, exit == Description.Exits.Count - 1 ? scores[best] : probability);
    }

    private static Graph Make()
    {
        var net = new GraphBuilder("two exits");
        Tensor early = net.Relu(net.Conv(net.Input("image", 1, 3, 24, 24), 16, 3, pad: 1));
        Tensor middle = net.MaxPool(net.Relu(net.Conv(net.Add(early, net.Relu(net.Conv(early, 16, 3, pad: 1))), 32, 3, pad: 1)), 2, 2);
        Tensor late = net.Relu(net.Conv(net.Concat(net.Relu(net.Conv(middle, 16, 1)), net.Relu(net.Conv(middle, 16, 3, pad: 1))), 32, 3, pad: 1));
        Tensor last = net.Softmax(Head(net, late));
        Tensor second = Head(net, middle);
        Tensor first = Head(net, early);
        Graph graph = net.Build(11, last, second, first);
        return new ProgressiveDescription(
        [
            new Exit(first.Name, 1) { Temperature = 1.3, Threshold = 0.5 },
            new Exit(second.Name, 2) { Temperature = 0.7, Threshold = 0.6 },
            new Exit(last.Name, 3),
        ])
        {
            Classes = [.. Enumerable.Range(0, Classes).Select(c => $"class {c}")],
        }.Describe(graph);
    }

    private static Tensor Head(GraphBuilder net, Tensor x) => net.Gemm(net.Flatten(net.GlobalAveragePool(net.Relu(net.Conv(x, 8, 1)))), Classes);
}

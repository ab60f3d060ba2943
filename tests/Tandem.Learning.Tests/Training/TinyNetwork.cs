using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Learning.Training;

namespace Tandem.Learning.Tests.Training;

/// <summary>A network of two outputs for images of 3x8x8 and four classes: an early one of logits, and one of probabilities.</summary>
internal static class TinyNetwork
{
    internal static string LastOutput { get; } = Make(1).Outputs[^1].Name;

    internal static string EarlyOutput { get; } = Make(1).Outputs[0].Name;

    internal static ClassificationObjective Objective { get; } = new(LastOutput);

    internal static Graph Make(int batch)
    {
        var net = new GraphBuilder("tiny");
        Tensor x = net.Relu(net.BatchNorm(net.Conv(net.Input("image", batch, 3, 8, 8), 8, 3, 1, 1, bias: false)));
        Tensor early = net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 4);
        x = net.Relu(net.BatchNorm(net.Conv(net.MaxPool(x, 2, 2), 8, 3, 1, 1, bias: false)));
        Tensor last = net.Softmax(net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 4));
        return InitialWeights.Draw(net.Build(3, early, last), 3);
    }
}

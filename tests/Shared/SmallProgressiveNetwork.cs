using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Networks;

namespace Tandem.Tests;

/// <summary>Three exits with random weights on images of 3x32x32 and ten classes; the last ends in Softmax and a Reshape to a fixed batch of 1.</summary>
internal static class SmallProgressiveNetwork
{
    public static Graph Make(bool endsInSoftmax = false)
    {
        var net = new GraphBuilder("staged");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 32, 32), 8, 3, stride: 2, pad: 1));
        Tensor first = Head(net, x);
        x = net.Relu(net.Conv(x, 16, 3, stride: 2, pad: 1));
        Tensor second = Head(net, x);
        x = net.Relu(net.Conv(x, 32, 3, stride: 2, pad: 1));
        Tensor pooled = net.GlobalAveragePool(x);
        Tensor shape = net.Constant(Constant.Of<long>("flat", ElementType.Int64, new Shape(2), [1, -1]));
        Tensor last = net.Gemm(net.Add("Reshape", new Shape(1, 32), [pooled, shape]), 10);
        last = endsInSoftmax ? net.Softmax(last) : last;
        Graph graph = net.Build(1, first, second, last);
        string[] outputs = [first.Name, second.Name, last.Name];
        var description = new ProgressiveDescription(
            [.. outputs.Select((output, i) => new Exit(output, ExitPrefix.Macs(graph, outputs[..(i + 1)])))])
        {
            Means = [0.5f, 0.4f, 0.3f],
            StandardDeviations = [0.2f, 0.25f, 0.3f],
        };
        return description.Describe(graph);
    }

    private static Tensor Head(GraphBuilder net, Tensor x) => net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 10);
}

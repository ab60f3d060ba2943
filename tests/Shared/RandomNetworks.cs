using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;

namespace Tandem.Tests;

/// <summary>Small random image networks that a seed repeats, their kernels found by rule.</summary>
internal static class RandomNetworks
{
    private static readonly int[] Channels = [4, 6, 8, 16, 24, 40];

    /// <summary>A chain or a branchy network.</summary>
    public static Network Any(int seed) => seed % 2 == 0 ? Chain(seed, 7) : Branchy(seed);

    /// <summary>Layers one after the other.</summary>
    public static Network Chain(int seed, int layers)
    {
        var random = new Random(seed);
        var net = new GraphBuilder($"chain {seed}");
        Tensor x = net.Input("image", 1, 3, 16, 16);
        for (int i = 0; i < layers; i++)
        {
            x = Layer(net, x, random);
        }
        return KernelDetector.Detect(net.Build(1, random.Next(2) == 0 ? x : Classifier(net, x)));
    }

    /// <summary>Residual sums and modules of parallel branches; sometimes two outputs.</summary>
    public static Network Branchy(int seed)
    {
        var random = new Random(seed);
        var net = new GraphBuilder($"branches {seed}");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 16, 16), 8, 3, pad: 1));
        Tensor side = x;
        for (int i = 0; i < 2; i++)
        {
            side = x;
            x = random.Next(2) == 0 ? Residual(net, x) : Module(net, x, random);
        }
        return KernelDetector.Detect(random.Next(3) == 0 ? net.Build(1, x, net.Relu(side)) : net.Build(1, Classifier(net, x)));
    }

    private static Tensor Layer(GraphBuilder net, Tensor x, Random random) => random.Next(6) switch
    {
        0 => net.MaxPool(x, 3, 1, 1),
        1 => net.Clip(net.DepthwiseConv(x, 3, 1, 1)),
        2 when x.Shape[2] >= 8 => net.Relu(net.Conv(x, Pick(random), 3, stride: 2, pad: 1)),
        3 => net.LeakyRelu(x),
        4 => net.Conv(x, Pick(random), 1),
        _ => net.Relu(net.BatchNorm(net.Conv(x, Pick(random), 3, pad: 1, bias: false))),
    };

    private static Tensor Residual(GraphBuilder net, Tensor x) =>
        net.Relu(net.Add(x, net.Conv(net.Relu(net.Conv(x, x.Shape[1], 3, pad: 1)), x.Shape[1], 3, pad: 1)));

    private static Tensor Module(GraphBuilder net, Tensor x, Random random) => net.Concat(
        net.Relu(net.Conv(x, Pick(random), 1)),
        net.Relu(net.Conv(net.Relu(net.Conv(x, 4, 1)), Pick(random), 3, pad: 1)),
        net.AveragePool(x, 3, 1, 1));

    private static Tensor Classifier(GraphBuilder net, Tensor x) =>
        net.Softmax(net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 10));

    private static int Pick(Random random) => Channels[random.Next(Channels.Length)];
}

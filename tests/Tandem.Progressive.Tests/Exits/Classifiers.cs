using Tandem.Graphs;
using Tandem.Graphs.Networks;

namespace Tandem.Progressive.Tests.Exits;

/// <summary>Small classification networks, and random ones that a seed repeats.</summary>
internal static class Classifiers
{
    public const int Classes = 10;

    /// <summary>A few convolutions in a row, one class for each of ten.</summary>
    public static Graph Small(int batch = 1)
    {
        var net = new GraphBuilder("small");
        Tensor x = net.Input("image", batch, 3, 16, 16);
        foreach (int channels in (int[])[16, 16, 32, 32])
        {
            x = net.Relu(net.BatchNorm(net.Conv(x, channels, 3, pad: 1, bias: false)));
        }
        return net.Build(1, net.Softmax(net.Gemm(net.Flatten(net.GlobalAveragePool(x)), Classes)));
    }

    /// <summary>Layers, residual sums, branches and long ways round, with or without a softmax.</summary>
    public static Graph Random(int seed)
    {
        var random = new Random(seed);
        var net = new GraphBuilder($"random {seed}");
        Tensor x = net.Relu(net.Conv(net.Input("image", random.Next(1, 3), 3, 16, 16), 8 * random.Next(1, 4), 3, pad: 1));
        List<Tensor> earlier = [x];
        for (int i = random.Next(4, 9); i > 0; i--)
        {
            x = Layer(net, x, earlier, random);
            earlier.Add(x);
        }
        x = net.Flatten(net.GlobalAveragePool(x));
        if (random.Next(2) == 0)
        {
            x = net.Relu(net.Gemm(x, 64));
        }
        x = net.Gemm(x, Classes);
        return net.Build(seed, random.Next(2) == 0 ? net.Softmax(x) : x);
    }

    private static Tensor Layer(GraphBuilder net, Tensor x, List<Tensor> earlier, Random random)
    {
        Tensor[] same = [.. earlier.Where(e => e.Shape[2] == x.Shape[2])];
        Tensor[] alike = [.. earlier.Where(e => e.Shape.Equals(x.Shape))];
        return random.Next(6) switch
        {
            0 when x.Shape[2] > 4 => net.MaxPool(x, 2, 2),
            1 when same.Length > 0 => net.Concat(net.Relu(net.Conv(x, 8, 3, pad: 1)), same[random.Next(same.Length)]),
            2 when alike.Length > 0 => net.Relu(net.Add(net.Conv(x, x.Shape[1], 3, pad: 1), alike[random.Next(alike.Length)])),
            3 => net.Clip(net.DepthwiseConv(x, 3, 1, 1)),
            4 => net.Concat(net.Relu(net.Conv(x, 8, 1)), net.AveragePool(x, 3, 1, 1)),
            _ => net.Relu(net.BatchNorm(net.Conv(x, 8 * random.Next(1, 6), 3, pad: 1, bias: false))),
        };
    }
}

namespace Tandem.Graphs.Networks.Architectures;

/// <summary>
/// GoogLeNet, also Inception v1 (Szegedy et al., "Going deeper with convolutions", 2014), with its LRN layers.
/// </summary>
internal sealed class GoogLeNet : INetworkArchitecture
{
    private static readonly Inception[][] Stages =
    [
        [new(64, 96, 128, 16, 32, 32), new(128, 128, 192, 32, 96, 64)],
        [
            new(192, 96, 208, 16, 48, 64), new(160, 112, 224, 24, 64, 64), new(128, 128, 256, 24, 64, 64),
            new(112, 144, 288, 32, 64, 64), new(256, 160, 320, 32, 128, 128),
        ],
        [new(256, 160, 320, 32, 128, 128), new(384, 192, 384, 48, 128, 128)],
    ];

    public string Name => "googlenet";

    public int DefaultInputSize => 224;

    public int SmallestInputSize => 48;

    public Tensor Build(GraphBuilder net, Tensor image)
    {
        Tensor x = net.Relu(net.Conv(image, 64, 7, 2, 3));
        x = net.Lrn(net.MaxPool(x, 3, 2, ceil: true));
        x = net.Relu(net.Conv(x, 64, 1));
        x = net.Lrn(net.Relu(net.Conv(x, 192, 3, pad: 1)));
        foreach (Inception[] stage in Stages)
        {
            x = net.MaxPool(x, 3, 2, ceil: true);
            x = stage.Aggregate(x, (tensor, module) => module.Build(net, tensor));
        }
        x = net.Dropout(net.Flatten(net.GlobalAveragePool(x)));
        return net.Softmax(net.Gemm(x, 1000));
    }

    // Output channels of the four branches: 1x1; 1x1 then 3x3; 1x1 then 5x5; pool then 1x1.
    private sealed record Inception(int One, int ThreeReduced, int Three, int FiveReduced, int Five, int Pooled)
    {
        public Tensor Build(GraphBuilder net, Tensor x)
        {
            Tensor one = net.Relu(net.Conv(x, One, 1));
            Tensor three = net.Relu(net.Conv(net.Relu(net.Conv(x, ThreeReduced, 1)), Three, 3, pad: 1));
            Tensor five = net.Relu(net.Conv(net.Relu(net.Conv(x, FiveReduced, 1)), Five, 5, pad: 2));
            Tensor pooled = net.Relu(net.Conv(net.MaxPool(x, 3, 1, 1), Pooled, 1));
            return net.Concat(one, three, five, pooled);
        }
    }
}

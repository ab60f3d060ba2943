namespace Tandem.Graphs.Networks.Architectures;

/// <summary>ResNet-50 (He et al., 2015) with the stride on the 3x3 convolutions, as torchvision makes it.</summary>
internal sealed class ResNet50 : INetworkArchitecture
{
    private const int Expansion = 4;

    private static readonly (int Blocks, int Width, int Stride)[] Stages =
        [(3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)];

    public string Name => "resnet50";

    public int DefaultInputSize => 224;

    public Tensor Build(GraphBuilder net, Tensor image)
    {
        Tensor x = net.Relu(net.BatchNorm(net.Conv(image, 64, 7, 2, 3, bias: false)));
        x = net.MaxPool(x, 3, 2, 1);
        foreach ((int blocks, int width, int stride) in Stages)
        {
            for (int i = 0; i < blocks; i++)
            {
                x = Bottleneck(net, x, width, i == 0 ? stride : 1, isFirst: i == 0);
            }
        }
        return net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 1000);
    }

    private static Tensor Bottleneck(GraphBuilder net, Tensor x, int width, int stride, bool isFirst)
    {
        Tensor y = net.Relu(net.BatchNorm(net.Conv(x, width, 1, bias: false)));
        y = net.Relu(net.BatchNorm(net.Conv(y, width, 3, stride, 1, bias: false)));
        y = net.BatchNorm(net.Conv(y, width * Expansion, 1, bias: false));
        Tensor shortcut = isFirst ? net.BatchNorm(net.Conv(x, width * Expansion, 1, stride, bias: false)) : x;
        return net.Relu(net.Add(y, shortcut));
    }
}

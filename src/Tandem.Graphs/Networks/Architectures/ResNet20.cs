namespace Tandem.Graphs.Networks.Architectures;

/// <summary>
/// ResNet-20 for CIFAR-10 (He et al., 2015, section 4.2): three stages of three blocks, 16 to 64 channels; shortcuts that change
/// shape are 1x1 convolutions (option B).
/// </summary>
internal sealed class ResNet20 : INetworkArchitecture
{
    private const int Classes = 10;
    private const int BlocksPerStage = 3;

    private static readonly (int Width, int Stride)[] Stages = [(16, 1), (32, 2), (64, 2)];

    public string Name => "resnet20";

    public int DefaultInputSize => 32;

    public Tensor Build(GraphBuilder net, Tensor image)
    {
        Tensor x = net.Relu(net.BatchNorm(net.Conv(image, Stages[0].Width, 3, 1, 1, bias: false)));
        foreach ((int width, int stride) in Stages)
        {
            for (int i = 0; i < BlocksPerStage; i++)
            {
                x = Block(net, x, width, i == 0 ? stride : 1);
            }
        }
        return net.Gemm(net.Flatten(net.GlobalAveragePool(x)), Classes);
    }

    /// <summary>Two 3x3 convolutions and a shortcut, which is a 1x1 convolution where the shape changes.</summary>
    internal static Tensor Block(GraphBuilder net, Tensor x, int width, int stride)
    {
        Tensor y = net.Relu(net.BatchNorm(net.Conv(x, width, 3, stride, 1, bias: false)));
        y = net.BatchNorm(net.Conv(y, width, 3, 1, 1, bias: false));
        Tensor shortcut = x.Shape[1] == width ? x : net.BatchNorm(net.Conv(x, width, 1, stride, bias: false));
        return net.Relu(net.Add(y, shortcut));
    }
}

namespace Tandem.Graphs.Networks.Architectures;

/// <summary>
/// A residual network after He et al. (2015, section 4.2) with one block in each of its three stages and a first convolution of
/// stride 2: for images of 32x32 on machines that have little time. It learns the procedural images.
/// </summary>
internal sealed class ResNet8 : INetworkArchitecture
{
    private const int Classes = 10;

    private static readonly (int Width, int Stride)[] Stages = [(16, 1), (32, 2), (64, 2)];

    public string Name => "resnet8";

    public int DefaultInputSize => 32;

    public Tensor Build(GraphBuilder net, Tensor image)
    {
        Tensor x = net.Relu(net.BatchNorm(net.Conv(image, Stages[0].Width, 3, 2, 1, bias: false)));
        foreach ((int width, int stride) in Stages)
        {
            x = ResNet20.Block(net, x, width, stride);
        }
        return net.Gemm(net.Flatten(net.GlobalAveragePool(x)), Classes);
    }
}

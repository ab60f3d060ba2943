namespace Tandem.Graphs.Networks.Architectures;

/// <summary>MobileNetV2, width 1.0 (Sandler et al., 2018).</summary>
internal sealed class MobileNetV2 : INetworkArchitecture
{
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    public string Name => "mobilenetv2";

    public int DefaultInputSize => 224;

    public Tensor Build(GraphBuilder net, Tensor image)
    {
        Tensor x = net.Clip(net.BatchNorm(net.Conv(image, 32, 3, 2, 1, bias: false)));
        foreach ((int expansion, int channels, int blocks, int stride) in Stages)
        {
            for (int i = 0; i < blocks; i++)
            {
                x = InvertedResidual(net, x, expansion, channels, i == 0 ? stride : 1);
            }
        }
        x = net.Clip(net.BatchNorm(net.Conv(x, 1280, 1, bias: false)));
        return net.Gemm(net.Dropout(net.Flatten(net.GlobalAveragePool(x))), 1000);
    }

    private static Tensor InvertedResidual(GraphBuilder net, Tensor x, int expansion, int channels, int stride)
    {
        Tensor y = x;
        if (expansion > 1)
        {
            y = net.Clip(net.BatchNorm(net.Conv(y, x.Shape[1] * expansion, 1, bias: false)));
        }
        y = net.Clip(net.BatchNorm(net.DepthwiseConv(y, 3, stride, 1, bias: false)));
        y = net.BatchNorm(net.Conv(y, channels, 1, bias: false));
        return stride == 1 && x.Shape[1] == channels ? net.Add(x, y) : y;
    }
}

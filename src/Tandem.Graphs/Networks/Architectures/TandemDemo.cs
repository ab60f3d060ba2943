namespace Tandem.Graphs.Networks.Architectures;

/// <summary>
/// The product's own small network: a plain stem, residual blocks, a module of parallel branches and a depthwise block,
/// so that every kind of cut finds something to do.
/// </summary>
internal sealed class TandemDemo : INetworkArchitecture
{
    public string Name => ModelZoo.DefaultName;

    public int DefaultInputSize => 224;

    public Tensor Build(GraphBuilder net, Tensor image)
    {
        Tensor x = Layer(net, image, 32, 3, stride: 2);
        x = net.MaxPool(Layer(net, x, 64, 3), 3, 2, 1);
        x = Residual(net, Residual(net, x));
        x = Layer(net, x, 128, 3, stride: 2);
        x = Residual(net, x);
        x = Branches(net, x);
        x = Depthwise(net, x, 256);
        x = Residual(net, Layer(net, x, 256, 3, stride: 2));
        x = net.Flatten(net.GlobalAveragePool(x));
        return net.Softmax(net.Gemm(x, 100));
    }

    private static Tensor Layer(GraphBuilder net, Tensor x, int channels, int kernel, int stride = 1) =>
        net.Relu(net.BatchNorm(net.Conv(x, channels, kernel, stride, kernel / 2, bias: false)));

    private static Tensor Residual(GraphBuilder net, Tensor x)
    {
        Tensor y = Layer(net, x, (int)x.Shape[1], 3);
        y = net.BatchNorm(net.Conv(y, x.Shape[1], 3, pad: 1, bias: false));
        return net.Relu(net.Add(x, y));
    }

    private static Tensor Branches(GraphBuilder net, Tensor x)
    {
        Tensor one = Layer(net, x, 64, 1);
        Tensor three = Layer(net, Layer(net, x, 64, 1), 96, 3);
        Tensor pooled = Layer(net, net.AveragePool(x, 3, 1, 1), 32, 1);
        return net.Concat(one, three, pooled);
    }

    private static Tensor Depthwise(GraphBuilder net, Tensor x, int channels) =>
        Layer(net, net.Clip(net.BatchNorm(net.DepthwiseConv(x, 3, 1, 1, bias: false))), channels, 1);
}

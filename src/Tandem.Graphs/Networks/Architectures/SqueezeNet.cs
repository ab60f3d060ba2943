namespace Tandem.Graphs.Networks.Architectures;

/// <summary>SqueezeNet 1.1 (Iandola et al., 2016, and its repository's later version).</summary>
internal sealed class SqueezeNet : INetworkArchitecture
{
    private static readonly (int Squeezed, int Expanded)[][] Stages =
        [[(16, 64), (16, 64)], [(32, 128), (32, 128)], [(48, 192), (48, 192), (64, 256), (64, 256)]];

    public string Name => "squeezenet1.1";

    public int DefaultInputSize => 224;

    public Tensor Build(GraphBuilder net, Tensor image)
    {
        Tensor x = net.Relu(net.Conv(image, 64, 3, 2));
        foreach ((int, int)[] stage in Stages)
        {
            x = net.MaxPool(x, 3, 2, ceil: true);
            foreach ((int squeezed, int expanded) in stage)
            {
                x = Fire(net, x, squeezed, expanded);
            }
        }
        x = net.Relu(net.Conv(net.Dropout(x), 1000, 1));
        return net.Softmax(net.Flatten(net.GlobalAveragePool(x)));
    }

    private static Tensor Fire(GraphBuilder net, Tensor x, int squeezed, int expanded)
    {
        Tensor squeeze = net.Relu(net.Conv(x, squeezed, 1));
        return net.Concat(net.Relu(net.Conv(squeeze, expanded, 1)), net.Relu(net.Conv(squeeze, expanded, 3, pad: 1)));
    }
}

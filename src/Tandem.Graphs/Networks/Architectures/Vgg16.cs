namespace Tandem.Graphs.Networks.Architectures;

/// <summary>VGG-16 (Simonyan, Zisserman, "Very deep convolutional networks", 2014, configuration D).</summary>
internal sealed class Vgg16 : INetworkArchitecture
{
    private static readonly (int Layers, int Channels)[] Stages = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)];

    public string Name => "vgg16";

    public int DefaultInputSize => 224;

    public Tensor Build(GraphBuilder net, Tensor image)
    {
        Tensor x = image;
        foreach ((int layers, int channels) in Stages)
        {
            for (int i = 0; i < layers; i++)
            {
                x = net.Relu(net.Conv(x, channels, 3, pad: 1));
            }
            x = net.MaxPool(x, 2, 2);
        }
        x = net.Flatten(x);
        x = net.Dropout(net.Relu(net.Gemm(x, 4096)));
        x = net.Dropout(net.Relu(net.Gemm(x, 4096)));
        return net.Softmax(net.Gemm(x, 1000));
    }
}

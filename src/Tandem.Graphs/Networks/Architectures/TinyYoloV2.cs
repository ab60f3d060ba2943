namespace Tandem.Graphs.Networks.Architectures;

/// <summary>
/// YOLOv2-tiny for the 20 classes of VOC (Redmon, Farhadi, "YOLO9000", 2016): 13 x 13 cells of 5 boxes at 416 x 416.
/// </summary>
internal sealed class TinyYoloV2 : INetworkArchitecture
{
    private const int BoxesTimesNumbers = 5 * (20 + 5);

    public string Name => "yolov2-tiny";

    public int DefaultInputSize => 416;

    public Tensor Build(GraphBuilder net, Tensor image)
    {
        Tensor x = image;
        for (int channels = 16; channels <= 256; channels *= 2)
        {
            x = net.MaxPool(Layer(net, x, channels), 2, 2);
        }
        x = net.MaxPoolSame(Layer(net, x, 512), 2);
        x = Layer(net, Layer(net, x, 1024), 1024);
        return net.Conv(x, BoxesTimesNumbers, 1);
    }

    private static Tensor Layer(GraphBuilder net, Tensor x, int channels) =>
        net.LeakyRelu(net.BatchNorm(net.Conv(x, channels, 3, pad: 1, bias: false)));
}

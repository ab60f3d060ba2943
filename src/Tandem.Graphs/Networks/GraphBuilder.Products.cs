namespace Tandem.Graphs.Networks;

/// <summary>Convolutions, matrix products and normalisations.</summary>
public sealed partial class GraphBuilder
{
    /// <summary>A square convolution.</summary>
    /// <param name="x">N, C, H, W.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="kernel">Rows and columns of the filters.</param>
    /// <param name="stride">Rows and columns between windows.</param>
    /// <param name="pad">Rows and columns of zeros on each side.</param>
    /// <param name="dilation">Rows and columns between taps.</param>
    /// <param name="groups">Groups of channels that are convolved apart.</param>
    /// <param name="bias">Whether a bias is added.</param>
    public Tensor Conv(
        Tensor x, long channels, long kernel, long stride = 1, long pad = 0, long dilation = 1, long groups = 1,
        bool bias = true)
    {
        string name = PeekName("Conv");
        List<Tensor> inputs = [x, Weight($"{name}.weight", channels, x.Shape[1] / groups, kernel, kernel)];
        if (bias)
        {
            inputs.Add(Weight($"{name}.bias", channels));
        }
        long extent = ((kernel - 1) * dilation) + 1;
        var shape = new Shape(
            x.Shape[0], channels, Windows(x.Shape[2], extent, stride, pad, false),
            Windows(x.Shape[3], extent, stride, pad, false));
        return Add(
            "Conv", shape, inputs, ("kernel_shape", Both(kernel)), ("strides", Both(stride)), ("pads", Border(pad)),
            ("dilations", Both(dilation)), ("group", Int(groups)));
    }

    /// <summary>A convolution of each channel by itself.</summary>
    public Tensor DepthwiseConv(Tensor x, long kernel, long stride = 1, long pad = 0, bool bias = true) =>
        Conv(x, x.Shape[1], kernel, stride, pad, groups: x.Shape[1], bias: bias);

    /// <summary>A square transposed convolution.</summary>
    public Tensor ConvTranspose(Tensor x, long channels, long kernel, long stride = 1, long pad = 0,
        long outputPadding = 0)
    {
        string name = PeekName("ConvTranspose");
        Tensor weight = Weight($"{name}.weight", x.Shape[1], channels, kernel, kernel);
        long grown = kernel - (2 * pad) + outputPadding;
        var shape = new Shape(
            x.Shape[0], channels, ((x.Shape[2] - 1) * stride) + grown, ((x.Shape[3] - 1) * stride) + grown);
        return Add(
            "ConvTranspose", shape, [x, weight, Weight($"{name}.bias", channels)], ("kernel_shape", Both(kernel)),
            ("strides", Both(stride)), ("pads", Border(pad)), ("output_padding", Both(outputPadding)));
    }

    /// <summary>A fully connected layer: x * W^T + b.</summary>
    /// <param name="x">N, features.</param>
    /// <param name="features">Output features.</param>
    public Tensor Gemm(Tensor x, long features)
    {
        string name = PeekName("Gemm");
        Tensor weight = Weight($"{name}.weight", features, x.Shape[1]);
        return Add(
            "Gemm", new Shape(x.Shape[0], features), [x, weight, Weight($"{name}.bias", features)], ("transB", Int(1)));
    }

    /// <summary>Batch normalisation at inference.</summary>
    public Tensor BatchNorm(Tensor x)
    {
        string name = PeekName("BatchNormalization");
        long channels = x.Shape[1];
        return Add(
            "BatchNormalization", x.Shape,
            [
                x, Weight($"{name}.scale", channels), Weight($"{name}.bias", channels),
                Weight($"{name}.mean", channels), Weight($"{name}.variance", channels),
            ]);
    }

    /// <summary>Instance normalisation.</summary>
    public Tensor InstanceNorm(Tensor x)
    {
        string name = PeekName("InstanceNormalization");
        return Add(
            "InstanceNormalization", x.Shape,
            [x, Weight($"{name}.scale", x.Shape[1]), Weight($"{name}.bias", x.Shape[1])]);
    }

    /// <summary>Local response normalisation across channels, as in AlexNet and GoogLeNet.</summary>
    public Tensor Lrn(Tensor x, long size = 5, float alpha = 1e-4f, float beta = 0.75f, float bias = 1) => Add(
        "LRN", x.Shape, [x], ("size", Int(size)), ("alpha", new AttributeValue.Float(alpha)),
        ("beta", new AttributeValue.Float(beta)), ("bias", new AttributeValue.Float(bias)));

    // How many windows fit along an axis (ONNX: Conv, MaxPool).
    private static long Windows(long size, long extent, long stride, long pad, bool ceil) =>
        ((size + (2 * pad) - extent + (ceil ? stride - 1 : 0)) / stride) + 1;
}

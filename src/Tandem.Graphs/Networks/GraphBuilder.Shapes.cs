namespace Tandem.Graphs.Networks;

/// <summary>Activations, pooling, joins and changes of shape.</summary>
public sealed partial class GraphBuilder
{
    /// <summary>max(x, 0).</summary>
    public Tensor Relu(Tensor x) => Add("Relu", x.Shape, [x]);

    /// <summary>x limited to [low, high]; ReLU6 by default.</summary>
    public Tensor Clip(Tensor x, float low = 0, float high = 6)
    {
        string name = PeekName("Clip");
        return Add("Clip", x.Shape, [x, Number($"{name}.min", low), Number($"{name}.max", high)]);
    }

    /// <summary>x where positive, slope * x elsewhere.</summary>
    public Tensor LeakyRelu(Tensor x, float slope = 0.1f) =>
        Add("LeakyRelu", x.Shape, [x], ("alpha", new AttributeValue.Float(slope)));

    /// <summary>An elementwise function without parameters, such as "Sigmoid" or "Tanh".</summary>
    public Tensor Activate(Tensor x, string type) => Add(type, x.Shape, [x]);

    /// <summary>Softmax along an axis.</summary>
    public Tensor Softmax(Tensor x, long axis = 1) => Add("Softmax", x.Shape, [x], ("axis", Int(axis)));

    /// <summary>Dropout, which does nothing at inference.</summary>
    public Tensor Dropout(Tensor x) => Add("Dropout", x.Shape, [x]);

    /// <summary>The greatest element of each square window.</summary>
    public Tensor MaxPool(Tensor x, long kernel, long stride = 1, long pad = 0, bool ceil = false) =>
        Pool("MaxPool", x, kernel, stride, pad, ceil);

    /// <summary>The mean of each square window, padding not counted.</summary>
    public Tensor AveragePool(Tensor x, long kernel, long stride = 1, long pad = 0, bool ceil = false) =>
        Pool("AveragePool", x, kernel, stride, pad, ceil);

    /// <summary>
    /// The greatest element of each square window, the input padded at its lower and right edge so that it keeps its
    /// size.
    /// </summary>
    public Tensor MaxPoolSame(Tensor x, long kernel) => Add(
        "MaxPool", x.Shape, [x], ("kernel_shape", Both(kernel)), ("strides", Both(1)),
        ("pads", new AttributeValue.Ints([(kernel - 1) / 2, (kernel - 1) / 2, kernel / 2, kernel / 2])));

    /// <summary>The mean of each channel.</summary>
    public Tensor GlobalAveragePool(Tensor x) => Add("GlobalAveragePool", new Shape(x.Shape[0], x.Shape[1], 1, 1), [x]);

    /// <summary>Joins tensors along their channels.</summary>
    public Tensor Concat(params ReadOnlySpan<Tensor> parts)
    {
        Tensor[] inputs = parts.ToArray();
        return Add("Concat", inputs[0].Shape.With(1, inputs.Sum(p => p.Shape[1])), inputs, ("axis", Int(1)));
    }

    /// <summary>The sum of two tensors of one shape.</summary>
    public Tensor Add(Tensor a, Tensor b) => Add("Add", a.Shape, [a, b]);

    /// <summary>The product of two tensors; the second may have one element per channel.</summary>
    public Tensor Mul(Tensor a, Tensor b) => Add("Mul", a.Shape, [a, b]);

    /// <summary>N, C, H, W as N, C*H*W.</summary>
    public Tensor Flatten(Tensor x) => Add("Flatten", new Shape(x.Shape[0], x.Shape.Product(1, x.Shape.Rank)), [x]);

    /// <summary>Repeats rows and columns (Resize, nearest).</summary>
    public Tensor Upsample(Tensor x, int scale)
    {
        string name = PeekName("Resize");
        Tensor none = Constant(Graphs.Constant.Of<float>($"{name}.roi", ElementType.Float32, new Shape(0), []));
        Tensor scales = Constant(
            Graphs.Constant.Of<float>($"{name}.scales", ElementType.Float32, new Shape(4), [1, 1, scale, scale]));
        var shape = new Shape(x.Shape[0], x.Shape[1], x.Shape[2] * scale, x.Shape[3] * scale);
        return Add(
            "Resize", shape, [x, none, scales], ("mode", new AttributeValue.Text("nearest")),
            ("coordinate_transformation_mode", new AttributeValue.Text("asymmetric")),
            ("nearest_mode", new AttributeValue.Text("floor")));
    }

    /// <summary>Pads rows and columns on every side: mode "constant" (zeros), "edge" or "reflect".</summary>
    public Tensor Pad(Tensor x, long border, string mode = "constant")
    {
        Tensor pads = Constant(Graphs.Constant.Of<long>(
            $"{PeekName("Pad")}.pads", ElementType.Int64, new Shape(8), [0, 0, border, border, 0, 0, border, border]));
        var shape = new Shape(x.Shape[0], x.Shape[1], x.Shape[2] + (2 * border), x.Shape[3] + (2 * border));
        return Add("Pad", shape, [x, pads], ("mode", new AttributeValue.Text(mode)));
    }

    private Tensor Pool(string type, Tensor x, long kernel, long stride, long pad, bool ceil)
    {
        var shape = new Shape(
            x.Shape[0], x.Shape[1], Windows(x.Shape[2], kernel, stride, pad, ceil),
            Windows(x.Shape[3], kernel, stride, pad, ceil));
        return Add(
            type, shape, [x], ("kernel_shape", Both(kernel)), ("strides", Both(stride)), ("pads", Border(pad)),
            ("ceil_mode", Int(ceil ? 1 : 0)));
    }

    private Tensor Number(string name, float value) =>
        Constant(Graphs.Constant.Of<float>(name, ElementType.Float32, Shape.Scalar, [value]));
}

using Tandem.Graphs.Networks;

namespace Tandem.Graphs.Tests.Slicing;

/// <summary>
/// Layers with random attributes, each added to a builder; null where the dice made one that does not fit its input.
/// </summary>
internal static class RandomLayers
{
    private const int LargestKernel = 4;

    /// <summary>A convolution of any stride, dilation, padding and grouping.</summary>
    public static Tensor? Conv(GraphBuilder net, Dice dice, Tensor x, bool isDepthwise = false, bool isGrouped = false)
    {
        long groups = isDepthwise ? x.Shape[1] : isGrouped ? Divisor(dice, x.Shape[1]) : 1;
        if (groups == 1 && (isDepthwise || isGrouped))
        {
            return null;
        }
        long channels = groups * dice.Between(1, groups > 1 ? 3 : 7);
        long[] kernel = [dice.Between(1, LargestKernel), dice.Between(1, LargestKernel)];
        Sliding sliding = Throw(dice, kernel, dice.OneIn(2));
        if (sliding.Output(x.Shape, channels) is not { } shape)
        {
            return null;
        }
        string name = $"w{dice.Between(0, int.MaxValue - 1)}";
        Tensor weight = net.Weight(name, channels, x.Shape[1] / groups, kernel[0], kernel[1]);
        Tensor[] inputs = dice.OneIn(2) ? [x, weight] : [x, weight, net.Weight($"{weight.Name}.bias", channels)];
        return net.Add("Conv", shape, inputs, [.. sliding.Attributes, ("group", new AttributeValue.Int(groups))]);
    }

    /// <summary>A pooling with any stride, padding (smaller than the kernel) and rounding.</summary>
    public static Tensor? Pool(GraphBuilder net, Dice dice, Tensor x)
    {
        string type = dice.Pick("MaxPool", "AveragePool");
        long[] kernel = [dice.Between(1, LargestKernel), dice.Between(1, LargestKernel)];
        Sliding sliding = Throw(dice, kernel, canDilate: false) with { Ceil = dice.OneIn(3) };
        for (int i = 0; i < sliding.Pads.Length; i++)
        {
            sliding.Pads[i] = Math.Min(sliding.Pads[i], kernel[i % 2] - 1);
        }
        if (sliding.Output(x.Shape, x.Shape[1]) is not { } shape)
        {
            return null;
        }
        List<(string, AttributeValue)> attributes = [.. sliding.Attributes.Where(a => a.Name != "dilations")];
        attributes.Add(("ceil_mode", new AttributeValue.Int(sliding.Ceil ? 1 : 0)));
        if (type == "AveragePool")
        {
            attributes.Add(("count_include_pad", new AttributeValue.Int(dice.Between(0, 1))));
        }
        return net.Add(type, shape, [x], [.. attributes]);
    }

    /// <summary>A transposed convolution.</summary>
    public static Tensor? ConvTranspose(GraphBuilder net, Dice dice, Tensor x, bool mayBeGrouped = true)
    {
        (long kernel, long stride, long dilation) = (dice.Between(1, 4), dice.Between(1, 3), dice.Between(1, 2));
        long groups = mayBeGrouped && dice.OneIn(3) ? Divisor(dice, x.Shape[1]) : 1;
        long channels = dice.Between(1, 4);
        long reach = ((kernel - 1) * dilation) + 1;
        long[] pads = [dice.Between(0, 2), dice.Between(0, 2), dice.Between(0, 2), dice.Between(0, 2)];
        long extra = dice.Between(0, (int)stride - 1);
        long rows = ((x.Shape[2] - 1) * stride) + reach + extra - pads[0] - pads[2];
        long columns = ((x.Shape[3] - 1) * stride) + reach + extra - pads[1] - pads[3];
        if (rows < 1 || columns < 1)
        {
            return null;
        }
        Tensor weight = net.Weight($"w{dice.Between(0, int.MaxValue - 1)}", x.Shape[1], channels, kernel, kernel);
        return net.Add(
            "ConvTranspose", new Shape(1, channels * groups, rows, columns), [x, weight],
            ("strides", new AttributeValue.Ints([stride, stride])),
            ("dilations", new AttributeValue.Ints([dilation, dilation])),
            ("pads", new AttributeValue.Ints(pads)), ("output_padding", new AttributeValue.Ints([extra, extra])),
            ("group", new AttributeValue.Int(groups)));
    }

    /// <summary>An activation, a normalisation or a bare scale: what works channel by channel and row by row.</summary>
    public static Tensor Pointwise(GraphBuilder net, Dice dice, Tensor x) => dice.Between(0, 6) switch
    {
        0 => net.Relu(x),
        1 => net.LeakyRelu(x),
        2 => net.Clip(x),
        3 => net.BatchNorm(x),
        4 => net.Activate(x, "Tanh"),
        5 => net.Mul(x, net.Weight($"scale{dice.Between(0, int.MaxValue - 1)}", x.Shape[1], 1, 1)),
        _ => net.Add("PRelu", x.Shape, [x, net.Weight($"slope{dice.Between(0, int.MaxValue - 1)}", x.Shape[1], 1, 1)]),
    };

    /// <summary>Enlarging, padding, cropping.</summary>
    public static Tensor? Spatial(GraphBuilder net, Dice dice, Tensor x) => dice.Between(0, 2) switch
    {
        0 => net.Upsample(x, dice.Between(1, 3)),
        1 => Resize(net, dice, x),
        _ => Pad(net, dice, x),
    };

    private static Tensor? Pad(GraphBuilder net, Dice dice, Tensor x)
    {
        int border = dice.Between(0, 3);
        return border < x.Shape[2] && border < x.Shape[3] ? net.Pad(x, border, dice.Pick("constant", "edge", "reflect"))
            : null;
    }

    private static Tensor Resize(GraphBuilder net, Dice dice, Tensor x)
    {
        long scale = dice.Between(1, 3);
        string name = $"resize{dice.Between(0, int.MaxValue - 1)}";
        Tensor none = net.Constant(Constant.Of<float>($"{name}.none", ElementType.Float32, new Shape(0), []));
        var shape = new Shape(1, x.Shape[1], x.Shape[2] * scale, x.Shape[3] * 2);
        Tensor sizes = net.Constant(Constant.Of($"{name}.sizes", ElementType.Int64, new Shape(4), shape.AsSpan()));
        return net.Add(
            "Resize", shape, [x, none, none, sizes], ("mode", new AttributeValue.Text(dice.Pick("nearest", "linear"))),
            ("nearest_mode", new AttributeValue.Text(dice.Pick("floor", "ceil", "round_prefer_floor"))),
            ("coordinate_transformation_mode", new AttributeValue.Text(dice.Pick("half_pixel", "asymmetric"))));
    }

    private static long Divisor(Dice dice, long number)
    {
        long divisor = dice.Between(1, (int)number);
        while (number % divisor != 0)
        {
            divisor--;
        }
        return divisor;
    }

    private static Sliding Throw(Dice dice, long[] kernel, bool canDilate) => new(
        kernel,
        [dice.Between(1, 4), dice.Between(1, 3)],
        canDilate ? [dice.Between(1, 3), dice.Between(1, 2)] : [1, 1],
        [dice.Between(0, 4), dice.Between(0, 2), dice.Between(0, 4), dice.Between(0, 2)]);

    private sealed record Sliding(long[] Kernel, long[] Strides, long[] Dilations, long[] Pads, bool Ceil = false)
    {
        public IEnumerable<(string Name, AttributeValue Value)> Attributes =>
        [
            ("kernel_shape", new AttributeValue.Ints(Kernel)), ("strides", new AttributeValue.Ints(Strides)),
            ("dilations", new AttributeValue.Ints(Dilations)), ("pads", new AttributeValue.Ints(Pads)),
        ];

        public Shape? Output(Shape input, long channels)
        {
            var window = new Graphs.Inference.SlidingWindow(Kernel, Strides, Dilations, Pads[..2], Pads[2..], Ceil);
            (long rows, long columns) = (window.OutputExtent(0, input[2]), window.OutputExtent(1, input[3]));
            return rows < 1 || columns < 1 ? null : new Shape(1, channels, rows, columns);
        }
    }
}

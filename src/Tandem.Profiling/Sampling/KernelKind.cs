using Tandem.Graphs;
using Tandem.Graphs.Networks;

namespace Tandem.Profiling.Sampling;

/// <summary>A kind of kernel that is sampled.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Frequency">How often it is drawn, against the others.</param>
/// <param name="Build">Draws the sizes and adds the operators; gives the kernel's result.</param>
internal sealed record KernelKind(string Name, int Frequency, Func<ExtentDraw, GraphBuilder, Tensor> Build)
{
    // How often what follows a convolution is fused with it.
    private const double Residual = 0.1;
    private const double NoActivation = 0.22;
    private const double Relu = 0.6;

    /// <summary>The kinds: what vision networks consist of, most often what takes most of their time.</summary>
    public static IReadOnlyList<KernelKind> All { get; } =
    [
        new("conv 1x1", 22, (draw, to) => Convolution(draw, to, 1, 1)),
        new("conv 3x3", 22, (draw, to) => Convolution(draw, to, 3, 1)),
        new("conv 3x3, stride 2", 6, (draw, to) => Convolution(draw, to, 3, 2)),
        new("conv 1x1, stride 2", 3, (draw, to) => Convolution(draw, to, 1, 2)),
        new("conv 5x5 and 7x7", 5, (draw, to) => Convolution(draw, to, draw.Pick(5, 5, 7), draw.Pick(1, 1, 1, 2))),
        new("conv of an image", 4, (draw, to) => OfImage(draw, to)),
        new("conv to few channels", 2, (draw, to) => ToFewChannels(draw, to)),
        new("conv depthwise", 11, (draw, to) => Depthwise(draw, to)),
        new("conv grouped", 2, (draw, to) => Grouped(draw, to)),
        new("gemm", 5, (draw, to) => Gemm(draw, to)),
        new("pooling", 6, (draw, to) => Pooling(draw, to)),
        new("global pooling", 3, (draw, to) => to.GlobalAveragePool(Image(draw, to, "x"))),
        new("add", 4, (draw, to) => Add(draw, to)),
        new("scale of channels", 2, (draw, to) => Scale(draw, to)),
        new("activation", 4, (draw, to) => Activation(draw, to)),
        new("batch normalisation", 1, (draw, to) => to.BatchNorm(Image(draw, to, "x"))),
        new("concat", 4, (draw, to) => Concat(draw, to)),
        new("upsampling", 1, (draw, to) => Upsampling(draw, to)),
    ];

    private static Tensor Image(ExtentDraw draw, GraphBuilder to, string name)
    {
        (long Rows, long Columns) plane = draw.Plane();
        return to.Input(name, 1, draw.Channels(plane), plane.Rows, plane.Columns);
    }

    private static Tensor Convolution(ExtentDraw draw, GraphBuilder to, long window, long stride)
    {
        (long Rows, long Columns) plane = draw.Plane();
        Tensor x = to.Input("x", 1, draw.InputChannels(plane), plane.Rows, plane.Columns);
        long channels = draw.Channels((Math.Max(1, plane.Rows / stride), Math.Max(1, plane.Columns / stride)));
        Tensor y = to.Conv(x, channels, window, stride, window / 2);
        if (stride == 1 && draw.Chance(Residual))
        {
            y = to.Add(y, to.Input("residual", [.. y.Shape]));
            return draw.Chance(Relu) ? to.Relu(y) : y;
        }
        return Activate(draw, to, y);
    }

    private static Tensor OfImage(ExtentDraw draw, GraphBuilder to)
    {
        (long rows, long columns) = draw.Plane();
        Tensor x = to.Input("x", 1, draw.Pick(1, 3, 3, 3, 4), rows, columns);
        long window = draw.Pick(3, 3, 5, 7);
        return Activate(draw, to, to.Conv(x, draw.Between(8, 96), window, draw.Pick(1, 2), window / 2));
    }

    private static Tensor ToFewChannels(ExtentDraw draw, GraphBuilder to)
    {
        (long Rows, long Columns) plane = draw.Plane();
        Tensor x = to.Input("x", 1, draw.InputChannels(plane), plane.Rows, plane.Columns);
        long window = draw.Pick(1, 3, 3, 9);
        return to.Conv(x, draw.Between(1, 8), window, 1, window / 2);
    }

    private static Tensor Depthwise(ExtentDraw draw, GraphBuilder to)
    {
        Tensor x = Image(draw, to, "x");
        long window = draw.Pick(3, 3, 3, 5);
        return Activate(draw, to, to.DepthwiseConv(x, window, draw.Pick(1, 1, 2), window / 2));
    }

    private static Tensor Grouped(ExtentDraw draw, GraphBuilder to)
    {
        (long Rows, long Columns) plane = draw.Plane();
        long groups = draw.Pick(2, 4, 8, 32);
        long ofGroup = Math.Max(4, draw.Channels(plane) / groups / 4 * 4);
        Tensor x = to.Input("x", 1, groups * ofGroup, plane.Rows, plane.Columns);
        long window = draw.Pick(1, 3);
        return Activate(draw, to, to.Conv(x, groups * ofGroup, window, 1, window / 2, groups: groups));
    }

    private static Tensor Gemm(ExtentDraw draw, GraphBuilder to) =>
        to.Gemm(to.Input("x", draw.Pick(1, 1, 1, 4), draw.Between(64, 4096)), draw.Between(10, 4096));

    private static Tensor Pooling(ExtentDraw draw, GraphBuilder to)
    {
        Tensor x = Image(draw, to, "x");
        (long window, long stride) = draw.Pick((2L, 2L), (2L, 2L), (3L, 2L), (3L, 1L), (5L, 1L));
        long pad = window == 2 ? 0 : window / 2;
        return draw.Chance(0.7) ? to.MaxPool(x, window, stride, pad) : to.AveragePool(x, window, stride, pad);
    }

    private static Tensor Add(ExtentDraw draw, GraphBuilder to)
    {
        Tensor x = Image(draw, to, "x");
        return to.Add(x, to.Input("other", [.. x.Shape]));
    }

    private static Tensor Scale(ExtentDraw draw, GraphBuilder to)
    {
        Tensor x = Image(draw, to, "x");
        return to.Mul(x, to.Input("scale", 1, x.Shape[1], 1, 1));
    }

    private static Tensor Activation(ExtentDraw draw, GraphBuilder to)
    {
        Tensor x = Image(draw, to, "x");
        return draw.Pick(0, 0, 1, 2, 3) switch
        {
            0 => to.Relu(x),
            1 => to.Clip(x),
            2 => to.LeakyRelu(x),
            _ => to.Activate(x, "Sigmoid"),
        };
    }

    private static Tensor Concat(ExtentDraw draw, GraphBuilder to)
    {
        (long Rows, long Columns) plane = draw.Plane();
        var parts = new Tensor[draw.Pick(2, 2, 3, 4)];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = to.Input($"x{i}", 1, draw.Channels(plane), plane.Rows, plane.Columns);
        }
        return to.Concat(parts);
    }

    private static Tensor Upsampling(ExtentDraw draw, GraphBuilder to)
    {
        (long Rows, long Columns) plane = draw.Plane();
        (long Rows, long Columns) half = (Math.Max(4, plane.Rows / 2), Math.Max(4, plane.Columns / 2));
        return to.Upsample(to.Input("x", 1, draw.Channels(plane), half.Rows, half.Columns), 2);
    }

    private static Tensor Activate(ExtentDraw draw, GraphBuilder to, Tensor y)
    {
        double kind = draw.Fraction();
        return kind < NoActivation ? y
            : kind < NoActivation + Relu ? to.Relu(y)
            : draw.Pick(0, 0, 1, 2) switch { 0 => to.Clip(y), 1 => to.LeakyRelu(y), _ => to.Activate(y, "Sigmoid") };
    }
}

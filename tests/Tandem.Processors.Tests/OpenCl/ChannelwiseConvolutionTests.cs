using FsCheck;
using FsCheck.Fluent;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Convolutions in many groups, and transposed ones, which CPU-backed devices have kernels of their own for.</summary>
public sealed class ChannelwiseConvolutionTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const int Cases = 60;

    private static readonly string[] Activations = ["Relu", "HardSwish", "Sigmoid", "LeakyRelu"];

    /// <summary>Groups, outputs of a group, rows, columns, kernel, stride, batch, activation, four pads.</summary>
    private static readonly Gen<int[]> Depthwise =
        from groups in Gen.Choose(2, 9)
        from outputs in Gen.Elements(1, 1, 2)
        from extents in Gen.Choose(5, 70).Two()
        from kernel in Gen.Elements(1, 3, 5)
        from stride in Gen.Elements(1, 2)
        from batch in Gen.Elements(1, 1, 2)
        from activation in Gen.Choose(0, Activations.Length - 1)
        from pads in Gen.Choose(0, kernel == 1 ? 0 : 3).ArrayOf(4)
        select (int[])[groups, outputs, extents.Item1, extents.Item2, kernel, stride, batch, activation, .. pads];

    /// <summary>Groups, inputs and outputs of a group, rows, columns, batch, activation.</summary>
    private static readonly Gen<int[]> Pointwise =
        from groups in Gen.Choose(2, 5)
        from channels in Gen.Choose(2, 20).Two()
        from extents in Gen.Choose(1, 20).Two()
        from batch in Gen.Elements(1, 1, 2)
        from activation in Gen.Choose(0, Activations.Length - 1)
        select (int[])[groups, channels.Item1, channels.Item2, extents.Item1, extents.Item2, batch, activation];

    /// <summary>Groups, inputs and outputs of a group, rows, columns, kernel, strides, pads, additional outputs, batch.</summary>
    private static readonly Gen<int[]> Transposed =
        from groups in Gen.Elements(1, 1, 2)
        from channels in Gen.Choose(1, 20).Two()
        from extents in Gen.Choose(2, 24).Two()
        from kernel in Gen.Choose(2, 5).Two()
        from strides in Gen.Choose(1, 3).Two()
        from pads in Gen.Choose(0, 1).Two()
        from batch in Gen.Elements(1, 1, 2)
        from extra in Gen.Choose(0, 1)
        select (int[])
        [
            groups, channels.Item1, channels.Item2, extents.Item1, extents.Item2, kernel.Item1, kernel.Item2,
            strides.Item1, strides.Item2, pads.Item1, pads.Item2, Math.Min(extra, Math.Min(strides.Item1, strides.Item2) - 1), batch,
        ];

    [Fact]
    public void Any_depthwise_convolution_equals_reference() => CheckAll(Depthwise, f => new GraphSketch(14)
        .Input("x", f[6], f[0], f[2], f[3]).Weights("w", [f[0] * f[1], 1, f[4], f[4]]).Weights("b", [f[0] * f[1]])
        .Op("Conv", "x w b", "c", ("group", f[0]), ("strides", new[] { f[5], f[5] }), ("pads", f[8..12]))
        .Op(Activations[f[7]], "c", "y"));

    [Fact]
    public void Any_pointwise_convolution_in_groups_equals_reference() => CheckAll(Pointwise, f => new GraphSketch(14)
        .Input("x", f[5], f[0] * f[1], f[3], f[4]).Weights("w", [f[0] * f[2], f[1], 1, 1]).Weights("b", [f[0] * f[2]])
        .Op("Conv", "x w b", "c", ("group", f[0])).Op(Activations[f[6]], "c", "y"));

    [Fact]
    public void Any_transposed_convolution_equals_reference() => CheckAll(Transposed, f => new GraphSketch(14)
        .Input("x", f[12], f[0] * f[1], f[3], f[4]).Weights("w", [f[0] * f[1], f[2], f[5], f[6]]).Weights("b", [f[0] * f[2]])
        .Op(
            "ConvTranspose", "x w b", "t", ("group", f[0]), ("strides", f[7..9]),
            ("pads", new[] { f[9], f[10], f[9], f[10] }), ("output_padding", new[] { f[11], f[11] }))
        .Op("Relu", "t", "y"));

    [Theory]
    [InlineData(12, 1, 3, 56, 1)]
    [InlineData(12, 1, 3, 7, 1)]
    [InlineData(7, 1, 3, 7, 1)]
    [InlineData(12, 1, 3, 14, 2)]
    [InlineData(5, 2, 5, 28, 2)]
    [InlineData(4, 1, 5, 7, 1)]
    public void Residual_is_added_to_a_depthwise_convolution(int groups, int outputs, int kernel, int size, int stride)
    {
        int channels = groups * outputs, pad = kernel / 2;
        Check(new GraphSketch(14).Input("x", 1, groups, size, size)
            .Weights("w", [channels, 1, kernel, kernel]).Weights("r", [channels, groups, kernel, kernel])
            .Op(
                "Conv", "x r", "other", ("pads", new[] { pad, pad, pad, pad }), ("strides", new[] { stride, stride }))
            .Op(
                "Conv", "x w", "c", ("pads", new[] { pad, pad, pad, pad }), ("strides", new[] { stride, stride }),
                ("group", groups))
            .Op("Add", "c other", "s").Op("Relu", "s", "y"));
    }

    [Theory]
    [InlineData(3, 2, 12, 17)]
    [InlineData(4, 2, 12, 18)]
    [InlineData(3, 2, 11, 17)]
    public void Transposed_convolution_of_a_given_extent_equals_reference(int kernel, int stride, int rows, int columns) => Check(
        new GraphSketch(14).Input("x", 1, 8, 6, 9).Weights("w", [8, 5, kernel, kernel]).Weights("b", [5])
            .Op(
                "ConvTranspose", "x w b", "y", ("strides", new[] { stride, stride }), ("output_shape", new[] { rows, columns })));

    private void CheckAll(Gen<int[]> forms, Func<int[], GraphSketch> sketch)
    {
        OpenClFixture.RequireDevice();
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases),
            Prop.ForAll(Arb.From(forms), form => Check(sketch(form).Build())));
    }
}

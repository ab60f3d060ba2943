using FsCheck;
using FsCheck.Fluent;


namespace Tandem.Processors.Tests.OpenCl;

public sealed class ConvolutionTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const int Cases = 60;

    /// <summary>Any convolution whose window fits into its input.</summary>
    private static readonly Gen<int[]> Forms =
        from channels in Gen.Choose(1, 9).Two()
        from groups in Gen.Elements(1, 1, 2, 4)
        from extents in Gen.Choose(1, 40).Two()
        from kernel in Gen.Choose(1, 5).Two()
        from strides in Gen.Choose(1, 3).Two()
        from dilations in Gen.Choose(1, 2).Two()
        from pads in Gen.Choose(0, 3).ArrayOf(4)
        from batch in Gen.Elements(1, 1, 2)
        let form = new[]
        {
            batch, channels.Item1, channels.Item2, groups, extents.Item1, extents.Item2, kernel.Item1, kernel.Item2,
            strides.Item1, strides.Item2, dilations.Item1, dilations.Item2, pads[0], pads[1], pads[2], pads[3],
        }
        where Fits(form)
        select form;

    [Fact]
    public void Any_convolution_equals_reference()
    {
        OpenClFixture.RequireDevice();
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases),
            Prop.ForAll(Arb.From(Forms), form => Check(Sketch(form).Build())));
    }

    [Theory]
    [InlineData(1, 64, 64, 28, 3, 1, 1, 1)]
    [InlineData(1, 3, 32, 45, 7, 2, 3, 1)]
    [InlineData(1, 40, 70, 14, 1, 1, 0, 1)]
    [InlineData(1, 48, 80, 15, 1, 2, 0, 1)]
    [InlineData(1, 32, 3, 33, 9, 1, 4, 1)]
    [InlineData(1, 24, 24, 30, 3, 1, 1, 24)]
    [InlineData(1, 24, 24, 61, 3, 2, 1, 24)]
    [InlineData(1, 16, 32, 30, 3, 1, 1, 16)]
    [InlineData(2, 64, 96, 13, 3, 1, 1, 2)]
    [InlineData(1, 256, 30, 7, 3, 1, 1, 1)]
    [InlineData(1, 2100, 20, 7, 3, 1, 1, 1)]
    public void Convolution_of_networks_equals_reference(
        int batch, int inputs, int outputs, int size, int kernel, int stride, int pad, int groups) => Check(
        Sketch([batch, inputs / groups, outputs / groups, groups, size, size, kernel, kernel, stride, stride, 1, 1, pad, pad, pad, pad]));

    [Theory]
    [InlineData("SAME_UPPER")]
    [InlineData("SAME_LOWER")]
    [InlineData("VALID")]
    public void Automatic_padding_equals_reference(string mode) => Check(
        new GraphSketch().Input("x", 1, 3, 14, 17).Weights("w", [5, 3, 3, 4])
            .Op("Conv", "x w", "y", ("auto_pad", mode), ("strides", new[] { 2, 2 })));

    [Fact]
    public void Convolution_along_one_axis_equals_reference() => Check(
        new GraphSketch().Input("x", 2, 6, 50).Weights("w", [8, 6, 5]).Weights("b", [8])
            .Op("Conv", "x w b", "y", ("pads", new[] { 2, 2 }), ("strides", new[] { 2 })));

    [Theory]
    [InlineData(1, 16)]
    [InlineData(16, 16)]
    [InlineData(1, 3)]
    public void Normalization_residual_and_activation_are_fused(int groups, int channels)
    {
        GraphSketch sketch = new GraphSketch().Input("x", 1, 16, 12, 19)
            .Weights("w", [channels, 16 / groups, 3, 3]).Weights("r", [channels, 16, 1, 1])
            .Weights("g", [channels]).Weights("b", [channels]).Weights("m", [channels]).Weights("v", [channels], 0.5f, 2)
            .Op("Conv", "x r", "other")
            .Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 1, 1 }), ("group", groups))
            .Op("BatchNormalization", "c g b m v", "n").Op("Add", "n other", "s").Op("Relu", "s", "y");
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.Equal(2, LaunchCount(slice));
    }

    [Theory]
    [InlineData("Relu")]
    [InlineData("LeakyRelu")]
    [InlineData("Sigmoid")]
    [InlineData("Tanh")]
    [InlineData("HardSigmoid")]
    [InlineData("HardSwish")]
    [InlineData("Elu")]
    public void Activation_is_fused(string type)
    {
        GraphSketch sketch = new GraphSketch(14).Input("x", 1, 20, 9, 9).Weights("w", [40, 20, 3, 3]).Weights("b", [40])
            .Op("Conv", "x w b", "c").Op(type, "c", "y");
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.Equal(1, LaunchCount(slice));
    }

    [Fact]
    public void Fused_convolution_of_the_runtime_equals_reference() => Check(
        new GraphSketch().Input("x", 1, 8, 9, 9).Input("z", 1, 20, 7, 7).Weights("w", [20, 8, 3, 3]).Weights("b", [20])
            .Op("com.microsoft:FusedConv", "x w b z", "y", ("activation", "Relu")));

    [Fact]
    public void Activation_of_a_tensor_that_others_read_is_not_fused() => Check(
        new GraphSketch().Input("x", 1, 8, 9, 9).Weights("w", [8, 8, 3, 3])
            .Op("Conv", "x w", "c").Op("Relu", "c", "r").Op("Mul", "c r", "y"),
        "y c");

    [Theory]
    [InlineData(1, 2, 0, 0)]
    [InlineData(2, 2, 1, 1)]
    [InlineData(3, 4, 1, 0)]
    [InlineData(1, 3, 2, 0)]
    public void Transposed_convolution_equals_reference(int stride, int kernel, int pad, int extra) => Check(
        new GraphSketch().Input("x", 2, 4, 6, 21).Weights("w", [4, 3, kernel, kernel]).Weights("b", [6])
            .Op(
                "ConvTranspose", "x w b", "t", ("group", 2), ("strides", new[] { stride, stride }),
                ("pads", new[] { pad, pad, pad, pad }), ("output_padding", new[] { extra, extra }))
            .Op("Relu", "t", "y"));

    private static bool Fits(int[] f) =>
        f[4] + f[12] + f[14] >= (f[6] - 1) * f[10] + 1 && f[5] + f[13] + f[15] >= (f[7] - 1) * f[11] + 1;

    /// <summary>A convolution: batch, channels of a group, groups, extents, kernel, strides, dilations, pads.</summary>
    private static GraphSketch Sketch(int[] f) => new GraphSketch()
        .Input("x", f[0], f[1] * f[3], f[4], f[5])
        .Weights("w", [f[2] * f[3], f[1], f[6], f[7]])
        .Weights("b", [f[2] * f[3]])
        .Op(
            "Conv", "x w b", "y", ("group", f[3]), ("strides", f[8..10]), ("dilations", f[10..12]), ("pads", f[12..16]));
}

using Tandem.Processors.OpenCl;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Convolutions of very few input channels against ONNX Runtime.</summary>
public sealed class FirstLayerTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const string KernelName = "conv_rows4";

    [Theory]
    [InlineData(1, 3, 64, 1, 7, 2, 1, 3, 40, 224)]
    [InlineData(1, 3, 21, 1, 3, 2, 1, 0, 31, 224)]
    [InlineData(2, 4, 10, 1, 3, 1, 1, 1, 9, 110)]
    [InlineData(1, 1, 9, 1, 5, 1, 2, 2, 20, 224)]
    [InlineData(1, 2, 6, 3, 3, 3, 1, 1, 17, 330)]
    [InlineData(1, 3, 4, 1, 3, 1, 1, 1, 3, 224)]
    public void Convolution_equals_reference(
        int batch, int inputs, int outputs, int groups, int kernel, int stride, int dilation, int pad, int rows, int columns)
    {
        OpenClFixture.RequireDevice();
        GraphSketch sketch = new GraphSketch().Input("x", batch, inputs * groups, rows, columns)
            .Weights("w", [outputs * groups, inputs, kernel, kernel]).Weights("b", [outputs * groups])
            .Op(
                "Conv", "x w b", "c", ("pads", new[] { pad, pad, pad, pad }), ("strides", new[] { stride, stride }),
                ("dilations", new[] { dilation, dilation }), ("group", groups))
            .Op("Relu", "c", "y");
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.All(((OpenClCompiledSlice)slice).Program.Launches, launch => Assert.Equal(KernelName, launch.Kernel));
    }

    [Fact]
    public void Residual_is_added_before_activation()
    {
        OpenClFixture.RequireDevice();
        Check(new GraphSketch().Input("x", 1, 3, 10, 105).Input("z", 1, 14, 10, 105).Weights("w", [14, 3, 3, 3])
            .Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 1, 1 })).Op("Add", "c z", "s").Op("Elu", "s", "y"));
    }
}

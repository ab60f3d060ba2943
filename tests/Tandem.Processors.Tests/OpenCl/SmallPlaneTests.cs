using Tandem.Processors.OpenCl;
using Tandem.Processors.OpenCl.Convolutions;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>3x3 convolutions of small planes by Winograd's F(2x2, 3x3) against ONNX Runtime.</summary>
public sealed class SmallPlaneTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    [Theory]
    [InlineData(1, 64, 70, 1, 7, 7, 1, 1)]
    [InlineData(1, 33, 17, 1, 7, 7, 1, 1)]
    [InlineData(2, 20, 40, 2, 8, 8, 1, 1)]
    [InlineData(1, 24, 32, 1, 9, 9, 0, 0)]
    [InlineData(1, 24, 49, 1, 4, 7, 1, 1)]
    [InlineData(1, 19, 32, 1, 5, 9, 1, 0)]
    [InlineData(1, 18, 21, 1, 6, 7, 2, 0)]
    public void Convolution_equals_reference(
        int batch, int inputs, int outputs, int groups, int rows, int columns, int before, int after)
    {
        OpenClFixture.RequireDevice();
        GraphSketch sketch = new GraphSketch().Input("x", batch, inputs * groups, rows, columns)
            .Weights("w", [outputs * groups, inputs, 3, 3]).Weights("b", [outputs * groups])
            .Op("Conv", "x w b", "y", ("pads", new[] { before, before, after, after }), ("group", groups));
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.All(
            ((OpenClCompiledSlice)slice).Program.Launches,
            launch => Assert.Equal(SmallPlaneConvolution.KernelName, launch.Kernel));
    }

    [Theory]
    [InlineData("Relu")]
    [InlineData("Elu")]
    public void Normalization_residual_and_activation_are_fused(string activation)
    {
        OpenClFixture.RequireDevice();
        Check(new GraphSketch().Input("x", 1, 40, 7, 7).Input("z", 1, 70, 7, 7)
            .Weights("w", [70, 40, 3, 3]).Weights("g", [70]).Weights("b", [70]).Weights("m", [70]).Weights("v", [70], 0.5f, 2)
            .Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 1, 1 }))
            .Op("BatchNormalization", "c g b m v", "n").Op("Add", "n z", "s").Op(activation, "s", "y"));
    }
}

using FsCheck;
using FsCheck.Fluent;
using Tandem.Processors.OpenCl;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>1x1 convolutions with pixels as the vector, against ONNX Runtime.</summary>
public sealed class PointwiseTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const string KernelName = "pointwise";
    private const int Cases = 25;

    /// <summary>Batch, channels in and out of a group, groups, rows, columns.</summary>
    private static readonly Gen<int[]> Forms =
        from channels in Gen.Choose(4, 70).Two()
        from extents in Gen.Choose(8, 40).Two()
        from groups in Gen.Elements(1, 1, 2)
        from batch in Gen.Elements(1, 1, 2)
        select new[] { batch, channels.Item1, channels.Item2, groups, extents.Item1, extents.Item2 };

    [Fact]
    public void Any_convolution_equals_reference()
    {
        OpenClFixture.RequireDevice();
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Arb.From(Forms), form =>
        {
            Check(Sketch(form));
            return true;
        }));
    }

    [Theory]
    [InlineData(1, 33, 21, 1, 1, 48)]
    [InlineData(1, 17, 8, 1, 1, 64)]
    [InlineData(1, 20, 13, 1, 10, 8)]
    [InlineData(1, 12, 40, 1, 55, 55)]
    [InlineData(2, 9, 11, 3, 21, 19)]
    [InlineData(1, 2700, 12, 1, 8, 8)]
    public void Convolution_of_partial_tiles_equals_reference(
        int batch, int inputs, int outputs, int groups, int rows, int columns)
    {
        OpenClFixture.RequireDevice();
        GraphSketch sketch = Sketch([batch, inputs, outputs, groups, rows, columns]);
        Check(sketch);
        // Groups have a kernel of their own.
        AssertKernel(sketch, groups == 1 ? KernelName : "grouped_pointwise");
    }

    [Theory]
    [InlineData("Relu")]
    [InlineData("Elu")]
    public void Normalization_residual_and_activation_are_fused(string activation)
    {
        OpenClFixture.RequireDevice();
        GraphSketch sketch = new GraphSketch().Input("x", 1, 40, 23, 27).Input("z", 1, 70, 23, 27)
            .Weights("w", [70, 40, 1, 1]).Weights("g", [70]).Weights("b", [70]).Weights("m", [70]).Weights("v", [70], 0.5f, 2)
            .Op("Conv", "x w", "c").Op("BatchNormalization", "c g b m v", "n").Op("Add", "n z", "s").Op(activation, "s", "y");
        Check(sketch);
        AssertKernel(sketch, KernelName);
    }

    [Fact]
    public void Concatenated_results_are_written_where_they_belong()
    {
        OpenClFixture.RequireDevice();
        Check(new GraphSketch().Input("x", 1, 24, 17, 19)
            .Weights("v", [20, 24, 1, 1]).Weights("w", [9, 24, 1, 1]).Weights("u", [12, 29, 1, 1])
            .Op("Conv", "x v", "a").Op("Conv", "x w", "b").Op("Concat", "a b", "c", ("axis", 1))
            .Op("Conv", "c u", "y"));
    }

    private static GraphSketch Sketch(int[] form)
    {
        int groups = form[3], outputs = form[2] * groups;
        return new GraphSketch().Input("x", form[0], form[1] * groups, form[4], form[5])
            .Weights("w", [outputs, form[1], 1, 1]).Weights("b", [outputs])
            .Op("Conv", "x w b", "y", ("group", groups));
    }

    private void AssertKernel(GraphSketch sketch, string kernel)
    {
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.All(((OpenClCompiledSlice)slice).Program.Launches, launch => Assert.Equal(kernel, launch.Kernel));
    }
}

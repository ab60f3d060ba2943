using Tandem.Processors.OpenCl;

namespace Tandem.Processors.Tests.OpenCl;

public sealed class LayoutTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    [Fact]
    public void Concatenated_convolutions_write_in_place()
    {
        GraphSketch sketch = new GraphSketch().Input("x", 1, 8, 9, 10).Weights("a", [5, 8, 1, 1]).Weights("b", [20, 8, 3, 3])
            .Op("Conv", "x a", "p").Op("Conv", "x b", "q", ("pads", new[] { 1, 1, 1, 1 })).Op("Relu", "q", "r")
            .Op("Concat", "p r", "y", ("axis", 1));
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.Equal(2, LaunchCount(slice));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(-1)]
    public void Concatenation_equals_reference(int axis) => Check(
        new GraphSketch().Input("a", 2, 3, 4, 5).Input("b", 2, 3, 4, 5).Weights("c", [2, 3, 4, 5])
            .Op("Relu", "b", "r").Op("Concat", "a r a c", "y", ("axis", axis)));

    [Fact]
    public void Concatenations_of_concatenations_equal_reference() => Check(
        new GraphSketch().Input("x", 1, 4, 6, 7).Weights("w", [3, 4, 1, 1]).Weights("v", [2, 7, 1, 1])
            .Op("Conv", "x w", "a").Op("Concat", "x a", "c", ("axis", 1)).Op("Conv", "c v", "b")
            .Op("Concat", "c b", "d", ("axis", 1)).Op("Relu", "d", "y"),
        "y c");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Split_equals_reference(int axis) => Check(
        new GraphSketch().Input("x", 4, 4, 3, 4).Ints("sizes", 1, 3).Op("Relu", "x", "r")
            .Op("Split", "r sizes", "a b", ("axis", axis)).Op("Neg", "a", "y"),
        "y b");

    [Fact]
    public void Channel_split_and_shuffle_equal_reference() => Check(
        new GraphSketch().Input("x", 1, 8, 5, 6).Ints("s", 1, 2, 4, 5, 6).Ints("t", 1, 8, 5, 6)
            .Op("Reshape", "x s", "a").Op("Transpose", "a", "b", ("perm", new[] { 0, 2, 1, 3, 4 }))
            .Op("Reshape", "b t", "c").Op("Split", "c", "d e", ("axis", 1)).Op("Mul", "d e", "y"));

    [Fact]
    public void Slices_with_steps_equal_reference() => Check(
        new GraphSketch().Input("x", 2, 6, 9, 10).Ints("from", 1, -1, 0).Ints("to", 100, -100, 7).Ints("axes", 1, 2, 3)
            .Ints("steps", 2, -2, 3).Op("Slice", "x from to axes steps", "y"));

    [Fact]
    public void Slice_of_channels_equals_reference() => Check(
        new GraphSketch(9).Input("x", 1, 6, 9, 10)
            .Op("Slice", "x", "a", ("starts", new[] { 2 }), ("ends", new[] { 5 }), ("axes", new[] { 1 })).Op("Exp", "a", "y"));

    [Theory]
    [InlineData(new[] { 0, 2, 3, 1 })]
    [InlineData(new[] { 3, 2, 1, 0 })]
    [InlineData(new[] { 1, 0, 2, 3 })]
    public void Transpose_equals_reference(int[] perm) =>
        Check(new GraphSketch().Input("x", 2, 3, 17, 5).Op("Transpose", "x", "y", ("perm", perm)));

    [Fact]
    public void Transpose_of_six_dimensions_equals_reference() => Check(
        new GraphSketch().Input("x", 2, 3, 2, 5, 3, 2).Op("Transpose", "x", "y", ("perm", new[] { 0, 3, 4, 1, 5, 2 })));

    [Theory]
    [InlineData("DepthToSpace", "DCR")]
    [InlineData("DepthToSpace", "CRD")]
    public void Depth_to_space_equals_reference(string type, string mode) =>
        Check(new GraphSketch().Input("x", 2, 12, 3, 5).Op(type, "x", "y", ("blocksize", 2), ("mode", mode)));

    [Fact]
    public void Space_to_depth_equals_reference() =>
        Check(new GraphSketch().Input("x", 2, 3, 4, 6).Op("SpaceToDepth", "x", "y", ("blocksize", 2)));

    [Theory]
    [InlineData("constant")]
    [InlineData("reflect")]
    [InlineData("edge")]
    public void Padding_equals_reference(string mode) => Check(
        new GraphSketch().Input("x", 2, 3, 5, 37).Ints("pads", 1, 0, 2, 3, 0, 1, 1, 2).Scalar("v", 0.7f)
            .Op("Pad", mode == "constant" ? "x pads v" : "x pads", "y", ("mode", mode)));

    [Fact]
    public void Negative_padding_crops_as_reference() => Check(
        new GraphSketch().Input("x", 1, 3, 5, 7).Ints("pads", 0, 0, -1, 2, 0, 0, 1, -3).Op("Pad", "x pads", "y"));

    [Theory]
    [InlineData("nearest", "asymmetric", "floor", 2f)]
    [InlineData("nearest", "half_pixel", "round_prefer_floor", 1.7f)]
    [InlineData("nearest", "half_pixel", "ceil", 0.6f)]
    [InlineData("linear", "half_pixel", "floor", 2f)]
    [InlineData("linear", "align_corners", "floor", 1.5f)]
    [InlineData("linear", "pytorch_half_pixel", "floor", 0.5f)]
    public void Resize_equals_reference(string mode, string coordinates, string rounding, float scale) => Check(
        new GraphSketch().Input("x", 1, 3, 7, 11).Floats("s", 1, 1, scale, scale).Op(
            "Resize", "x - s", "y", ("mode", mode), ("coordinate_transformation_mode", coordinates), ("nearest_mode", rounding)));

    [Fact]
    public void Resize_to_sizes_equals_reference() => Check(
        new GraphSketch().Input("x", 1, 3, 7, 11).Ints("n", 1, 3, 9, 16).Op("Resize", "x - - n", "y", ("mode", "linear")));

    [Theory]
    [InlineData("nearest")]
    [InlineData("linear")]
    public void Upsample_equals_reference(string mode) => Check(
        new GraphSketch(9).Input("x", 1, 3, 4, 5).Floats("s", 1, 1, 2, 3).Op("Upsample", "x s", "y", ("mode", mode)));

    [Fact]
    public void Crop_equals_reference() => Check(
        new GraphSketch(8).Input("x", 1, 3, 9, 10).Op("Crop", "x", "y", ("border", new[] { 1, 2, 3, 1 })));

    [Fact]
    public void Reshapes_cost_nothing()
    {
        GraphSketch sketch = new GraphSketch().Input("x", 1, 8, 4, 4).Weights("w", [8, 8, 1, 1]).Ints("axes", 0).Ints("s", 8, -1)
            .Op("Conv", "x w", "c").Op("Flatten", "c", "f").Op("Identity", "f", "i").Op("Reshape", "i s", "r")
            .Op("Unsqueeze", "r axes", "u").Op("Squeeze", "u axes", "y");
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.Equal(1, LaunchCount(slice));
    }

    [Fact]
    public void Input_passed_on_is_copied() =>
        Check(new GraphSketch().Input("x", 1, 8, 4).Op("Flatten", "x", "f").Op("Relu", "x", "y"), "f y");

    [Fact]
    public void Every_operator_that_issue_names_is_registered() =>
        Assert.Superset(
            new HashSet<string>
            {
                "Conv", "ConvTranspose", "Gemm", "MatMul", "MaxPool", "AveragePool", "Concat", "LRN", "Softmax", "Resize", "Pad",
            },
            OpenClProcessor.SupportedOperators.ToHashSet());
}

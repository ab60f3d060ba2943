namespace Tandem.Processors.Tests.OpenCl;

public sealed class PoolingTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    [Theory]
    [InlineData("MaxPool", 3, 2, 1, 0, 40)]
    [InlineData("MaxPool", 2, 2, 0, 1, 33)]
    [InlineData("MaxPool", 3, 1, 1, 0, 20)]
    [InlineData("AveragePool", 3, 2, 1, 0, 40)]
    [InlineData("AveragePool", 3, 2, 0, 1, 8)]
    [InlineData("AveragePool", 7, 1, 0, 0, 7)]
    [InlineData("AveragePool", 2, 3, 1, 1, 19)]
    public void Pooling_equals_reference(string type, int kernel, int stride, int pad, int ceil, int size) => Check(
        new GraphSketch().Input("x", 2, 3, size, size + 2).Op(
            type, "x", "y", ("kernel_shape", new[] { kernel, kernel }), ("strides", new[] { stride, stride }),
            ("pads", new[] { pad, pad, pad, pad }), ("ceil_mode", ceil)));

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0)]
    public void Average_with_counted_padding_equals_reference(int ceil, int begin, int end) => Check(
        new GraphSketch().Input("x", 1, 3, 12, 21).Op(
            "AveragePool", "x", "y", ("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 2, 2 }),
            ("pads", new[] { begin, begin, end, end }), ("ceil_mode", ceil), ("count_include_pad", 1)));

    [Fact]
    public void Dilated_maximum_equals_reference() => Check(
        new GraphSketch().Input("x", 1, 3, 20, 21).Op(
            "MaxPool", "x", "y", ("kernel_shape", new[] { 3, 2 }), ("dilations", new[] { 2, 3 })));

    [Theory]
    [InlineData("MaxPool")]
    [InlineData("AveragePool")]
    public void Pooling_of_very_long_rows_equals_reference(string type) => Check(
        new GraphSketch().Input("x", 1, 2, 3, 5000)
            .Op(type, "x", "y", ("kernel_shape", new[] { 2, 3 }), ("strides", new[] { 1, 3 }), ("pads", new[] { 0, 1, 0, 1 })));

    [Fact]
    public void Pooling_along_one_axis_equals_reference() => Check(
        new GraphSketch().Input("x", 2, 3, 50).Op("MaxPool", "x", "y", ("kernel_shape", new[] { 3 }), ("strides", new[] { 2 })));

    [Theory]
    [InlineData("GlobalAveragePool")]
    [InlineData("GlobalMaxPool")]
    public void Global_pooling_equals_reference(string type) =>
        Check(new GraphSketch().Input("x", 2, 5, 7, 9).Op(type, "x", "y"));

    [Theory]
    [InlineData("ReduceMean", new long[] { 2, 3 }, 0)]
    [InlineData("ReduceMean", new long[] { 1 }, 1)]
    [InlineData("ReduceMax", new long[] { 0, 2 }, 1)]
    [InlineData("ReduceMin", new long[] { -1 }, 0)]
    [InlineData("ReduceL2", new long[] { 1, 3 }, 0)]
    [InlineData("ReduceL1", new long[] { 1 }, 0)]
    [InlineData("ReduceSumSquare", new long[] { 0, 1, 2, 3 }, 0)]
    public void Reduction_equals_reference(string type, long[] axes, int keep) => Check(
        new GraphSketch().Input("x", 2, 5, 7, 18).Op(type, "x", "y", ("axes", axes), ("keepdims", keep)));

    [Fact]
    public void Sum_over_axes_that_are_an_input_equals_reference() => Check(
        new GraphSketch().Input("x", 2, 5, 7, 18).Ints("axes", 1, -1).Op("ReduceSum", "x axes", "y"));
}

namespace Tandem.Processors.Tests.OpenCl;

public sealed class MatrixTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    [Theory]
    [InlineData(1, 70, 45, 0)]
    [InlineData(1, 64, 1000, 1)]
    [InlineData(13, 33, 65, 1)]
    [InlineData(6, 7, 3, 0)]
    [InlineData(2, 513, 32, 1)]
    public void Gemm_with_constant_weights_equals_reference(int rows, int depth, int columns, int transposed) => Check(
        new GraphSketch().Input("x", rows, depth)
            .Weights("w", transposed == 1 ? [columns, depth] : [depth, columns]).Weights("c", [columns])
            .Op("Gemm", "x w c", "g", ("transB", transposed), ("alpha", 0.5f), ("beta", 2f)).Op("Relu", "g", "y"));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    public void Gemm_of_inputs_equals_reference(int transA, int transB) => Check(
        new GraphSketch().Input("a", transA == 1 ? [9, 5] : [5, 9]).Input("b", transB == 1 ? [18, 9] : [9, 18])
            .Input("c", 5, 1).Op("Gemm", "a b c", "y", ("transA", transA), ("transB", transB), ("beta", 0.5f)));

    [Fact]
    public void Gemm_of_inputs_with_constant_bias_equals_reference() => Check(
        new GraphSketch().Input("a", 5, 9).Input("b", 9, 18).Weights("c", [18]).Op("Gemm", "a b c", "y"));

    [Fact]
    public void Gemm_with_transposed_input_and_constant_weights_equals_reference() => Check(
        new GraphSketch().Input("a", 9, 5).Weights("w", [9, 18]).Op("Gemm", "a w", "y", ("transA", 1)));

    [Fact]
    public void Fused_gemm_of_the_runtime_equals_reference() => Check(
        new GraphSketch().Input("x", 3, 20).Weights("w", [20, 30]).Weights("c", [30])
            .Op("com.microsoft:FusedGemm", "x w c", "y", ("activation", "Relu")));

    [Fact]
    public void Matrix_product_with_bias_added_is_one_kernel()
    {
        GraphSketch sketch = new GraphSketch().Input("x", 2, 7, 20).Weights("w", [20, 33]).Weights("b", [33])
            .Op("MatMul", "x w", "m").Op("Add", "m b", "a").Op("Relu", "a", "y");
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.Equal(1, LaunchCount(slice));
    }

    [Theory]
    [InlineData(new long[] { 4, 6 }, new long[] { 6, 20 })]
    [InlineData(new long[] { 2, 4, 6 }, new long[] { 6, 20 })]
    [InlineData(new long[] { 2, 3, 4, 6 }, new long[] { 3, 6, 5 })]
    [InlineData(new long[] { 3, 4, 6 }, new long[] { 2, 1, 6, 17 })]
    public void Matrix_product_of_inputs_equals_reference(long[] left, long[] right) =>
        Check(new GraphSketch().Input("a", left).Input("b", right).Op("MatMul", "a b", "y"));
}

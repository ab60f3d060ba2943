using Tandem.Graphs;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

public sealed class NormalizationTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    [Theory]
    [InlineData(5, 0.75f)]
    [InlineData(3, 0.6f)]
    public void Local_response_normalization_equals_reference(int size, float beta) => Check(
        new GraphSketch().Input("x", 2, 12, 5, 7)
            .Op("LRN", "x", "y", ("size", size), ("alpha", 0.3f), ("beta", beta), ("bias", 1.2f)));

    [Fact]
    public void Instance_normalization_and_activation_are_one_kernel()
    {
        GraphSketch sketch = new GraphSketch().Input("x", 2, 4, 9, 11).Weights("s", [4]).Weights("b", [4])
            .Op("InstanceNormalization", "x s b", "n", ("epsilon", 1e-3f)).Op("Relu", "n", "y");
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.Equal(1, LaunchCount(slice));
    }

    [Fact]
    public void Instance_normalization_of_nearly_equal_numbers_is_accurate()
    {
        const int Count = 200 * 300;
        Graph graph = new GraphSketch().Input("x", 1, 1, 200, 300).Floats("s", 1).Floats("b", 0)
            .Op("InstanceNormalization", "x s b", "y").Build();
        var random = new Random(3);
        float[] x = [.. Enumerable.Range(0, Count).Select(_ => 5 + 0.01f * random.NextSingle())];
        float[] y = SliceRunner.Run(Fixture.Processor, graph, [x])[0];
        double mean = x.Average(v => (double)v);
        double deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + 1e-5);
        float[] expected = [.. x.Select(v => (float)((v - mean) / deviation))];
        Compare.Close(expected, y, 0, 2e-4);
    }

    [Theory]
    [InlineData("Softmax", 13, -1)]
    [InlineData("Softmax", 13, 1)]
    [InlineData("Softmax", 11, 1)]
    [InlineData("Softmax", 11, 2)]
    [InlineData("LogSoftmax", 13, 0)]
    public void Softmax_equals_reference(string type, int opset, int axis) => Check(
        new GraphSketch(opset).Input("x", 2, 5, 4, 9).Op(type, "x", "y", ("axis", axis)));

    [Theory]
    [InlineData("Softmax", 130, 2)]
    [InlineData("Softmax", 3, 1003)]
    [InlineData("Softmax", 37, 32)]
    [InlineData("Softmax", 1, 7)]
    [InlineData("LogSoftmax", 130, 2)]
    [InlineData("LogSoftmax", 3, 1003)]
    public void Softmax_of_rows_equals_reference(string type, int rows, int count) => Check(
        new GraphSketch(13).Input("x", rows, count).Op(type, "x", "y", ("axis", -1)));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, -1)]
    public void Normalization_by_norm_equals_reference(int p, int axis) => Check(
        new GraphSketch().Input("x", 2, 5, 4).Op("LpNormalization", "x", "y", ("p", p), ("axis", axis)));
}

using Tandem.Graphs.Inference;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Tests.Onnx;

namespace Tandem.Graphs.Tests.Networks;

public sealed class RandomWeightsTests
{
    [Fact]
    public void Every_weight_gets_numbers_that_suit_its_role()
    {
        var net = new GraphBuilder("roles");
        Tensor x = net.Input("x", 1, 64, 8, 8);
        Tensor y = net.Clip(net.BatchNorm(net.Conv(net.Relu(x), 64, 3, pad: 1)));
        Graph graph = RandomWeights.Replace(net.Build(1, net.Mul(y, net.Weight("scale", 64, 1, 1))), 9);
        Assert.Equal(Math.Sqrt(2.0 / (64 * 9)), Deviation(graph, "Conv_1.weight"), 0.002);
        Assert.All(Numbers(graph, "BatchNormalization_1.variance"), v => Assert.InRange(v, 0.5f, 1.5f));
        Assert.All(Numbers(graph, "BatchNormalization_1.scale"), v => Assert.InRange(v, 0.6f, 1.4f));
        Assert.All(Numbers(graph, "scale"), v => Assert.InRange(v, 0.6f, 1.4f));
        Assert.Equal(6, Numbers(graph, "Clip_1.max")[0]);
    }

    [Fact]
    public void Constants_are_followed_through_changes_of_shape()
    {
        var operators = new[]
        {
            new Operator("wide", "Unsqueeze", ["factor", "axes"], ["factors"]),
            new Operator("scale", "Mul", ["x", "factors"], ["y"]),
        };
        var graph = new Graph(
            "carried", new Dictionary<string, int> { [""] = 13 },
            [new Tensor("x", ElementType.Float32, new Shape(1, 8, 4, 4))],
            ["y"], operators,
            [
                Constant.Of<float>("factor", ElementType.Float32, new Shape(8), new float[8]),
                Constant.Of<long>("axes", ElementType.Int64, new Shape(2), [1, 2]),
            ]);
        Assert.All(Numbers(RandomWeights.Replace(graph, 1), "factor"), v => Assert.InRange(v, 0.6f, 1.4f));
    }

    [Theory]
    [InlineData("light/light_squeezenet.onnx")]
    [InlineData("light/light_resnet50.onnx")]
    [InlineData("light/light_inception_v2.onnx")]
    [InlineData("light/light_shufflenet.onnx")]
    [InlineData("light/light_densenet121.onnx")]
    public void No_large_weight_of_a_light_network_stays_constant(string model)
    {
        const int Large = 32;
        Graph graph = RandomWeights.Replace(ConstantFolding.Fold(ModelFiles.Load(model)), 1);
        Constant[] weights = [.. graph.Constants.Values.Where(
            c => c.Tensor.Type == ElementType.Float32 && c.Tensor.Shape.ElementCount >= Large
                && graph.Consumers(c.Tensor.Name).Count > 0)];
        Assert.NotEmpty(weights);
        Assert.All(weights, c => Assert.NotEqual(c.AsSpan<float>()[0], c.AsSpan<float>()[1]));
    }

    private static float[] Numbers(Graph graph, string name) => graph.Constants[name].AsSpan<float>().ToArray();

    private static double Deviation(Graph graph, string name) =>
        Math.Sqrt(Numbers(graph, name).Average(v => (double)v * v));
}

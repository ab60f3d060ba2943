using Tandem.Graphs.Networks;
using Tandem.Graphs.Tests.Slicing.Reference;

namespace Tandem.Graphs.Tests.Networks;

public sealed class ModelZooTests
{
    // Learned parameters as the reference implementations count them: a batch norm has two per channel, its running
    // statistics are not learned. (YOLOv2-tiny's published weight file holds 15,867,885 numbers, 6,112 of them such
    // statistics.)
    [Theory]
    [InlineData("vgg16", 138_357_544)]
    [InlineData("resnet50", 25_557_032)]
    [InlineData("googlenet", 6_998_552)]
    [InlineData("mobilenetv2", 3_504_872)]
    [InlineData("squeezenet1.1", 1_235_496)]
    [InlineData("yolov2-tiny", 15_861_773)]
    public void Networks_have_the_published_number_of_parameters(string name, long expected)
    {
        Graph graph = ModelZoo.Make(name);
        HashSet<string> learned = [.. graph.Operators.SelectMany(op => op.Inputs.Skip(1).Take(2))];
        long count = graph.Constants.Values
            .Where(c => c.Tensor.Type == ElementType.Float32 && c.Tensor.Shape.Rank > 0
                && learned.Contains(c.Tensor.Name))
            .Sum(c => c.Tensor.Shape.ElementCount);
        Assert.Equal(expected, count);
    }

    [Theory]
    [InlineData("vgg16", "[1,1000]")]
    [InlineData("resnet50", "[1,1000]")]
    [InlineData("googlenet", "[1,1000]")]
    [InlineData("mobilenetv2", "[1,1000]")]
    [InlineData("squeezenet1.1", "[1,1000]")]
    [InlineData("yolov2-tiny", "[1,125,13,13]")]
    [InlineData("tandem-demo", "[1,100]")]
    public void Networks_have_the_published_output(string name, string shape) =>
        Assert.Equal(shape, ModelZoo.Make(name).Outputs[0].Shape.ToString());

    [Theory]
    [InlineData("resnet50")]
    [InlineData("googlenet")]
    [InlineData("mobilenetv2")]
    [InlineData("squeezenet1.1")]
    [InlineData("yolov2-tiny")]
    [InlineData("tandem-demo")]
    public void Activations_neither_explode_nor_vanish(string name)
    {
        Graph graph = ModelZoo.Make(name, 48);
        float[] image = new NoiseSource(3).Normal("image", graph.Inputs[0].Shape).AsSpan<float>().ToArray();
        Dictionary<string, float[]> values =
            Interpreter.Run(graph, new Dictionary<string, float[]> { ["image"] = image });
        foreach (Operator op in graph.Operators.Where(o => o.Type != "Softmax"))
        {
            double deviation = Math.Sqrt(values[op.Outputs[0]].Average(v => (double)v * v));
            Assert.True(deviation is > 0.02 and < 50, $"{op} has a root mean square of {deviation}");
        }
    }

    [Fact]
    public void Equal_seeds_make_equal_weights_and_others_do_not()
    {
        static float[] Filters(int seed) =>
            ModelZoo.Make("tandem-demo", 32, seed).Constants["Conv_1.weight"].AsSpan<float>().ToArray();
        Assert.Equal(Filters(5), Filters(5));
        Assert.NotEqual(Filters(5), Filters(6));
    }

    [Fact]
    public void Unknown_names_are_answered_with_the_known_ones()
    {
        var exception = Assert.Throws<TandemException>(() => ModelZoo.Make("vgg61"));
        Assert.Contains("vgg16", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tiny_images_are_refused() => Assert.Throws<TandemException>(() => ModelZoo.Make("vgg16", 31));
}

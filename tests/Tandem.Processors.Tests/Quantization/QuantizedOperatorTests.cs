using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Quantization;

namespace Tandem.Processors.Tests.Quantization;

/// <summary>Operators on ONNX Runtime's integer kernels against float32, for random shapes.</summary>
public sealed class QuantizedOperatorTests
{
    [Fact]
    public void Convolution_is_within_its_quantisation_steps() => Hold(20, (random, builder) =>
    {
        long groups = random.Next(1, 4);
        long kernel = random.Next(1, 4);
        Tensor x = builder.Input("x", 1, groups * random.Next(1, 9), random.Next(4, 12), random.Next(4, 12));
        Tensor y = builder.Conv(
            x, groups * random.Next(1, 9), kernel, random.Next(1, 3), random.Next(0, 2), groups: groups, bias: random.Next(2) == 0);
        return (y, x.Shape[1] / groups * kernel * kernel);
    });

    [Fact]
    public void Matrix_product_is_within_its_quantisation_steps() => Hold(20, (random, builder) =>
    {
        Tensor x = builder.Input("x", random.Next(1, 4), random.Next(1, 65));
        return (builder.Gemm(x, random.Next(1, 33)), x.Shape[1]);
    });

    [Fact]
    public void Sum_is_within_its_quantisation_steps() => Hold(20, (random, builder) =>
    {
        Tensor x = builder.Input("x", 1, random.Next(1, 9), random.Next(1, 9), random.Next(1, 9));
        return (builder.Add("Add", x.Shape, [x, builder.Input("y", [.. x.Shape])]), 0);
    });

    [Fact]
    public void Concatenation_is_within_its_quantisation_steps() => Hold(20, (random, builder) =>
    {
        Tensor x = builder.Input("x", 1, random.Next(1, 9), random.Next(1, 9), random.Next(1, 9));
        Tensor y = builder.Input("y", 1, random.Next(1, 9), x.Shape[2], x.Shape[3]);
        Shape both = x.Shape.With(1, x.Shape[1] + y.Shape[1]);
        return (builder.Add("Concat", both, [x, y], ("axis", new AttributeValue.Int(1))), 0);
    });

    [Fact]
    public void Average_is_within_its_quantisation_steps() => Hold(20, (random, builder) =>
    {
        Tensor x = builder.Input("x", 1, random.Next(1, 9), random.Next(2, 9), random.Next(2, 9));
        return (builder.Add("GlobalAveragePool", x.Shape.With(2, 1).With(3, 1), [x]), 0);
    });

    [Fact]
    public void Maximum_of_bytes_keeps_their_quantisation()
    {
        var builder = new GraphBuilder("pool");
        Tensor sum = builder.Add("Add", new Shape(1, 3, 6, 6), [builder.Input("x", 1, 3, 6, 6), builder.Input("y", 1, 3, 6, 6)]);
        Tensor pooled = builder.Add("MaxPool", new Shape(1, 3, 5, 5), [sum], ("kernel_shape", new AttributeValue.Ints([2, 2])));
        var run = new QuantizedRun(builder.Build(1, pooled), 5);
        Assert.Equal(
            run.Quantized.Constants[sum.Name + ":scale"].AsSpan<float>().ToArray(),
            run.Quantized.Constants[pooled.Name + ":scale"].AsSpan<float>().ToArray());
        Assert.InRange(run.LargestError, 0, 2 * (run.StepOf("x") + run.StepOf("y") + run.StepOf(sum.Name)));
    }

    [Theory]
    [InlineData("Relu")]
    [InlineData("Clip")]
    public void Activation_is_the_saturation_of_the_convolution(string type)
    {
        var builder = new GraphBuilder("activation");
        Tensor y = builder.Conv(builder.Input("x", 1, 4, 8, 8), 8, 3, pad: 1);
        Tensor[] limits = type == "Relu" ? [] : [Scalar(builder, "least", 0), Scalar(builder, "greatest", 0.5f)];
        Tensor cut = builder.Add(type, y.Shape, [y, .. limits]);
        var run = new QuantizedRun(builder.Build(1, cut), 3);
        Assert.DoesNotContain(run.Quantized.Operators, op => op.Type == type);
        Assert.InRange(run.LargestError, 1e-6f, Bound(run, 36));
        Assert.Equal(0, run.Actual.Min());
    }

    [Fact]
    public void Old_operator_set_is_refused_in_one_line()
    {
        var input = new Tensor("x", ElementType.Float32, new Shape(1));
        var graph = new Graph(
            "old", new Dictionary<string, int> { [""] = 9 }, [input], ["y"], [new Operator("relu", "Relu", ["x"], ["y"])], []);
        var failure = Assert.Throws<QuantizationException>(() => GraphQuantizer.Quantize(graph, _ => default));
        Assert.Contains("operator set 9", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void Graph_without_integer_kernels_is_left_alone()
    {
        var builder = new GraphBuilder("float");
        Tensor x = builder.Input("x", 1, 2, 3, 3);
        Graph graph = builder.Build(1, builder.Add("Sigmoid", x.Shape, [x]));
        Assert.Same(graph, GraphQuantizer.Quantize(graph, _ => default));
    }

    private static Tensor Scalar(GraphBuilder builder, string name, float value) =>
        builder.Constant(Constant.Of<float>(name, ElementType.Float32, Shape.Scalar, [value]));

    private static void Hold(int count, Func<Random, GraphBuilder, (Tensor Output, long Products)> build) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count),
            Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
            {
                var random = new Random(seed);
                var builder = new GraphBuilder("operator");
                (Tensor output, long products) = build(random, builder);
                var run = new QuantizedRun(builder.Build(seed, output), seed);
                float bound = Bound(run, products);
                return (run.LargestError <= bound).Label($"error {run.LargestError}, bound {bound}");
            }));

    /// <summary>
    /// How far a result can be off: a step of it, a step of each input (times the sum of a channel's weights in a product), and half a
    /// step of each weight times the greatest input.
    /// </summary>
    private static float Bound(QuantizedRun run, long products)
    {
        float inputs = run.Quantized.Inputs.Sum(input => run.StepOf(input.Name));
        if (products == 0)
        {
            return 1.01f * (inputs + run.StepOf(run.Output.Name));
        }
        Constant weights = run.Quantized.Constants.Values.First(c => c.Tensor.Type == ElementType.Int8);
        Constant scales = run.Quantized.Constants.Values.First(c => c.Tensor.Name.EndsWith(":weight-scales", StringComparison.Ordinal));
        float largestWeight = 127 * scales.AsSpan<float>().ToArray().Max();
        ValueRange range = run.Ranges["x"];
        float largestInput = Math.Max(range.Max, -range.Min);
        Assert.True(weights.Tensor.Shape.ElementCount > 0);
        return 1.01f * (run.StepOf(run.Output.Name)
            + products * (inputs * largestWeight + (0.5f * largestWeight / 127) * largestInput)) + 1e-5f;
    }
}

using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Kernels;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Chains of operators that scale and shift channels, against themselves before they were joined.</summary>
public sealed class ChannelAffineTests
{
    private static readonly string[] Types = ["BatchNormalization", "Mul", "Add", "Sub", "Div"];

    [Fact]
    public void Any_chain_becomes_one_operator_and_computes_the_same()
    {
        Gen<(int Channels, int[] Chain, bool Convolves)> cases =
            from channels in Gen.Choose(1, 33)
            from length in Gen.Choose(1, 5)
            from chain in Gen.Choose(0, 2 * Types.Length - 1).ArrayOf(length)
            from convolves in Gen.Elements(true, false)
            select (channels, chain, convolves);
        Prop.ForAll(cases.ToArbitrary(), drawn =>
        {
            Graph graph = Chain(drawn.Channels, drawn.Chain);
            Graph joined = ChannelAffineFusion.Join(graph, _ => drawn.Convolves);

            bool normalises = drawn.Chain.Any(type => type % Types.Length == 0);
            string expected = normalises && drawn.Convolves ? "Conv" : drawn.Chain.Length > 1 ? "BatchNormalization" : Types[drawn.Chain[0] % Types.Length];
            Assert.Equal(expected, Assert.Single(joined.Operators).Type);
            float[] image = new float[graph.Inputs[0].Shape.ElementCount];
            SmallGraphs.Fill(image, drawn.Channels);
            using var processor = new OrtProcessor(new OrtProcessorOptions());
            Compare.CloseToScale(SliceRunner.Run(processor, graph, [image])[0], SliceRunner.Run(processor, joined, [image])[0], 1e-5);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_others_read_stays()
    {
        Constant scale = SmallGraphs.Weights("s", new Shape(3, 1, 1));
        Operator[] operators =
        [
            new("first", "Mul", ["x", "s"], ["a"]), new("second", "Add", ["a", "s"], ["b"]), new("other", "Relu", ["a"], ["c"]),
        ];
        Graph graph = SmallGraphs.Of(new Shape(1, 3, 4, 4), ["b", "c"], operators, scale);

        Assert.Same(graph, ChannelAffineFusion.Join(graph, _ => true));
    }

    [Fact]
    public void A_constant_that_is_divided_or_not_one_number_a_channel_is_left_alone()
    {
        Constant plane = SmallGraphs.Weights("p", new Shape(4, 4));
        Constant scale = SmallGraphs.Weights("s", new Shape(4, 1, 1));
        Operator[] operators =
        [
            new("first", "Div", ["s", "x"], ["a"]), new("second", "Mul", ["a", "p"], ["b"]), new("third", "Sub", ["s", "b"], ["y"]),
        ];
        Graph graph = SmallGraphs.Of(new Shape(1, 4, 4, 4), ["y"], operators, plane, scale);

        Assert.Same(graph, ChannelAffineFusion.Join(graph, _ => true));
    }

    [Fact]
    public void A_sum_of_two_is_fused_with_the_convolution_before_it()
    {
        Operator[] operators =
        [
            new("conv", "Conv", ["x", "w"], ["c"]), new("sum", "Sum", ["c", "x"], ["s"]), new("relu", "Relu", ["s"], ["y"]),
        ];
        Graph graph = SmallGraphs.Of(new Shape(1, 16, 8, 8), ["y"], operators, SmallGraphs.Weights("w", new Shape(16, 16, 1, 1)));

        Network network = GraphPreparation.Prepare(graph);

        Assert.Equal("Conv+Add+Relu", Assert.Single(network.Kernels).Type);
    }

    /// <summary>A chain on "x"; operators from Types.Length on are by one number for all channels.</summary>
    private static Graph Chain(int channels, int[] chain)
    {
        List<Constant> constants = [];
        List<Operator> operators = [];
        for (int i = 0; i < chain.Length; i++)
        {
            string input = i == 0 ? "x" : $"t{i}", output = i == chain.Length - 1 ? "y" : $"t{i + 1}";
            string type = Types[chain[i] % Types.Length];
            long count = chain[i] >= Types.Length && type != "BatchNormalization" ? 1 : channels;
            Shape shape = type == "BatchNormalization" ? new Shape(channels) : new Shape(count, 1, 1);
            string[] names = type == "BatchNormalization" ? ["gamma", "beta", "mean", "variance"] : ["number"];
            constants.AddRange(names.Select((name, n) => Positive($"{name}{i}", shape, (8 * i) + n)));
            bool first = type is "Mul" or "Add" && chain[i] % 2 == 1;
            string[] numbers = [.. names.Select(name => $"{name}{i}")];
            operators.Add(new Operator($"op{i}", type, first ? [.. numbers, input] : [input, .. numbers], [output]));
        }
        return SmallGraphs.Of(new Shape(2, channels, 3, 5), ["y"], operators, constants);
    }

    private static Constant Positive(string name, Shape shape, int seed)
    {
        float[] numbers = new float[shape.ElementCount];
        SmallGraphs.Fill(numbers, seed);
        return Constant.Of<float>(name, ElementType.Float32, shape, Array.ConvertAll(numbers, number => 1.5f + (number / 2)));
    }
}

using Tandem.Graphs;

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Small graphs with seeded weights.</summary>
internal static class SmallGraphs
{
    private static readonly Dictionary<string, int> _opsets = new() { [""] = 13 };

    /// <summary>"y" = Relu(Conv("x")), 3x3 with a pad of 1, on a square image.</summary>
    public static Graph Convolution(int inputChannels, int outputChannels, int size)
    {
        Constant weights = Weights("w", new Shape(outputChannels, inputChannels, 3, 3));
        Operator convolution = new("conv", "Conv", ["x", "w"], ["c"], new Dictionary<string, AttributeValue>
        {
            ["pads"] = new AttributeValue.Ints([1, 1, 1, 1]),
            ["kernel_shape"] = new AttributeValue.Ints([3, 3]),
        });
        Operator activation = new("relu", "Relu", ["c"], ["y"]);
        return new Graph(
            "convolution", _opsets, [Input("x", new Shape(1, inputChannels, size, size))], ["y"],
            [convolution, activation], [weights]);
    }

    /// <summary>A graph of one operator with "x" as its only input and "y" as its output.</summary>
    public static Graph Unary(string type, Shape shape, ElementType element = ElementType.Float32) =>
        new("unary", _opsets, [Input("x", shape, element)], ["y"], [new Operator("op", type, ["x"], ["y"])], []);

    /// <summary>Inputs "a" and "b" of the same shape, output "y", their sum.</summary>
    public static Graph Sum(Shape shape) =>
        new("sum", _opsets, [Input("a", shape), Input("b", shape)], ["y"], [new Operator("add", "Add", ["a", "b"], ["y"])], []);

    /// <summary>A graph of any operators on one input "x".</summary>
    public static Graph Of(
        Shape input, IReadOnlyList<string> outputs, IReadOnlyList<Operator> operators, params IReadOnlyList<Constant> constants) =>
        new("graph", _opsets, [Input("x", input)], outputs, operators, constants);

    public static Constant Weights(string name, Shape shape)
    {
        var random = new Random(7);
        float[] elements = [.. Enumerable.Range(0, (int)shape.ElementCount).Select(_ => random.NextSingle() - 0.5f)];
        return Constant.Of<float>(name, ElementType.Float32, shape, elements);
    }

    /// <summary>Fills memory with seeded numbers between -1 and 1.</summary>
    public static void Fill(Span<float> memory, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < memory.Length; i++)
        {
            memory[i] = random.NextSingle() * 2 - 1;
        }
    }

    private static Tensor Input(string name, Shape shape, ElementType type = ElementType.Float32) => new(name, type, shape);
}

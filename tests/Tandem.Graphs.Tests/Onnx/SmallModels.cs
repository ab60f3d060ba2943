namespace Tandem.Graphs.Tests.Onnx;

/// <summary>Tiny networks for tests.</summary>
internal static class SmallModels
{
    /// <summary>A graph of the given operators.</summary>
    public static Graph Of(
        int opset, IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs, IReadOnlyList<Operator> operators,
        params IEnumerable<Constant> constants) =>
        new("small", new Dictionary<string, int> { [""] = opset }, inputs, outputs, operators, constants);

    /// <summary>A float tensor without contents.</summary>
    public static Tensor Floats(string name, params ReadOnlySpan<long> shape) => new(name, ElementType.Float32, new Shape(shape));

    /// <summary>A constant of floats 0, 0.01, 0.02...</summary>
    public static Constant Weights(string name, params ReadOnlySpan<long> shape)
    {
        var dimensions = new Shape(shape);
        float[] elements = [.. Enumerable.Range(0, (int)dimensions.ElementCount).Select(i => i * 0.01f)];
        return Constant.Of<float>(name, ElementType.Float32, dimensions, elements);
    }

    /// <summary>A constant list of integers.</summary>
    public static Constant Integers(string name, params ReadOnlySpan<long> elements) =>
        Constant.Of(name, ElementType.Int64, new Shape(elements.Length), elements);

    /// <summary>Input "x", a 3x3 convolution with bias, Relu, output "y".</summary>
    public static Graph Convolution(string prefix = "") => Of(
        13,
        [Floats(prefix + "x", 1, 3, 8, 8)],
        [prefix + "y"],
        [
            new Operator(prefix + "conv", "Conv", [prefix + "x", prefix + "w", prefix + "b"], [prefix + "c"],
                new Dictionary<string, AttributeValue>
                {
                    ["pads"] = new AttributeValue.Ints([1, 1, 1, 1]),
                    ["strides"] = new AttributeValue.Ints([2, 2]),
                }),
            new Operator(prefix + "relu", "Relu", [prefix + "c"], [prefix + "y"]),
        ],
        Weights(prefix + "w", 4, 3, 3, 3), Weights(prefix + "b", 4));
}

using Tandem.Graphs;
using Tandem.Graphs.Networks;

namespace Tandem.Progressive.Exits;

/// <summary>
/// Adds the layers of one head to a network. Everything it adds is named after the exit, weights are drawn by name and seed, and
/// nothing depends on how many images there are at once.
/// </summary>
/// <param name="draft">The network.</param>
/// <param name="exit">The exit's name, which its scores get.</param>
/// <param name="seed">Equal seeds give equal weights.</param>
internal sealed class HeadWriter(GraphDraft draft, string exit, int seed)
{
    private const int ImageRank = 4;
    private const int OpsetOfAxesInput = 18;

    /// <summary>Means of windows that do not overlap; rows and columns that fill no window are left out.</summary>
    public Tensor Pool(Tensor x, long rows, long columns) => rows == 1 && columns == 1
        ? x
        : Add("pool", "AveragePool", [x], ("kernel_shape", Ints(rows, columns)), ("strides", Ints(rows, columns)));

    /// <summary>3x3 convolution with stride 2, batch normalisation, Relu.</summary>
    public Tensor Convolution(string name, Tensor x, long channels)
    {
        Tensor weight = Normal($"{name}.weight", 2.0 / (x.Shape[1] * 9), channels, x.Shape[1], 3, 3);
        Tensor y = Add(
            name, "Conv", [x, weight], ("kernel_shape", Ints(3, 3)), ("strides", Ints(2, 2)), ("pads", Ints(1, 1, 1, 1)));
        y = Add(
            $"{name}.norm", "BatchNormalization",
            [
                y, Filled($"{name}.norm.scale", 1, channels), Filled($"{name}.norm.bias", 0, channels),
                Filled($"{name}.norm.mean", 0, channels), Filled($"{name}.norm.variance", 1, channels),
            ]);
        return Add($"{name}.relu", "Relu", [y]);
    }

    /// <summary>Means over positions or tokens, as N, C; vectors stay as they are.</summary>
    public Tensor Mean(Tensor x)
    {
        switch (x.Shape.Rank)
        {
            case ImageRank:
                Tensor means = x.Shape.Product(2, ImageRank) == 1 ? x : Add("mean", "GlobalAveragePool", [x]);
                return Add("flat", "Flatten", [means]);
            case 2:
                return x;
            default:
                var keeps = ("keepdims", new AttributeValue.Int(0));
                return draft.Opset < OpsetOfAxesInput
                    ? Add("mean", "ReduceMean", [x], ("axes", Ints(1)), keeps)
                    : Add("mean", "ReduceMean", [x, draft.Integers(1)], keeps);
        }
    }

    /// <summary>max(x, 0).</summary>
    public Tensor Relu(Tensor x) => Add("relu", "Relu", [x]);

    /// <summary>x * W^T + b.</summary>
    public Tensor FullyConnected(string name, Tensor x, long features) => Product($"{exit}.{name}", name, x, features);

    /// <summary>The scores of the classes, which are the exit.</summary>
    public Tensor Classify(Tensor x, long classes) => Product(exit, "classes", x, classes);

    private Tensor Product(string output, string name, Tensor x, long features) => Put(
        output, "Gemm", [x, Normal($"{name}.weight", 1.0 / x.Shape[1], features, x.Shape[1]), Filled($"{name}.bias", 0, features)],
        ("transB", new AttributeValue.Int(1)));

    private Tensor Add(
        string name, string type, IReadOnlyList<Tensor> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Put($"{exit}.{name}", type, inputs, attributes);

    private Tensor Put(
        string name, string type, IReadOnlyList<Tensor> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        Dictionary<string, AttributeValue> set = [];
        foreach ((string attribute, AttributeValue value) in attributes)
        {
            set[attribute] = value;
        }
        return draft.Add(new Operator(name, type, [.. inputs.Select(input => input.Name)], [name], set))[0];
    }

    private Tensor Normal(string name, double variance, params ReadOnlySpan<long> shape)
    {
        string full = $"{exit}.{name}";
        return draft.Constant(new NoiseSource(seed, full).Normal(full, new Shape(shape), deviation: (float)Math.Sqrt(variance)));
    }

    private Tensor Filled(string name, float value, long count) => draft.Constant(Constant.Of<float>(
        $"{exit}.{name}", ElementType.Float32, new Shape(count), Enumerable.Repeat(value, (int)count).ToArray()));

    private static AttributeValue.Ints Ints(params long[] values) => new(values);
}

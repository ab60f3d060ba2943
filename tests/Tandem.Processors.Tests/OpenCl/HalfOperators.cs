namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Graphs of one or few operators on random shapes, by name.</summary>
internal static class HalfOperators
{
    private static readonly Dictionary<string, Func<Random, GraphSketch>> ByName = new()
    {
        ["Conv"] = random => Convolution(random, random.Next(1, 4), random.Next(1, 3), 1),
        ["Conv 1x1"] = random => Convolution(random, 1, 1, 1),
        ["Conv in groups"] = random => Convolution(random, 3, 1, 2),
        ["depthwise Conv"] = random => Depthwise(random),
        ["Conv with residual"] = Residual,
        ["bottleneck block"] = random => new GraphSketch().Input("x", 1, 16, random.Next(4, 9), random.Next(4, 9))
            .Weights("w", [8, 16, 1, 1]).Weights("v", [8, 8, 3, 3]).Weights("u", [16, 8, 1, 1])
            .Op("Conv", "x w", "a").Op("Relu", "a", "b").Op("Conv", "b v", "c", ("pads", new[] { 1, 1, 1, 1 })).Op("Relu", "c", "d")
            .Op("Conv", "d u", "e").Op("Add", "e x", "f").Op("Relu", "f", "y"),
        ["ConvTranspose"] = Transposed,
        ["Gemm"] = random => Product(random, "Gemm", 1),
        ["Gemm of rows"] = random => Product(random, "Gemm", random.Next(6, 20)),
        ["MatMul"] = random => new GraphSketch().Input("x", 2, random.Next(2, 9), 5).Input("z", 2, 5, random.Next(2, 9))
            .Op("MatMul", "x z", "m").Op("Sigmoid", "m", "y"),
        ["MaxPool"] = random => Plane(random).Op("MaxPool", "a", "y", ("kernel_shape", new[] { 3, 2 }), ("pads", new[] { 1, 0, 1, 0 })),
        ["AveragePool"] = random => Plane(random)
            .Op("AveragePool", "a", "y", ("kernel_shape", new[] { 2, 3 }), ("strides", new[] { 2, 1 })),
        ["GlobalAveragePool"] = random => Plane(random).Op("GlobalAveragePool", "a", "y"),
        ["BatchNormalization"] = random => Plane(random).Weights("f", [1, 4, 1, 1]).Weights("s", [1, 4, 1, 1])
            .Op("Mul", "a f", "b").Op("Add", "b s", "y"),
        ["Add"] = random => Plane(random).Op("Add", "a x", "y"),
        ["Mul with broadcasting"] = random => Plane(random).Op("ReduceMax", "a", "m", ("axes", new[] { 2 })).Op("Mul", "a m", "y"),
        ["Concat of channels"] = random => Plane(random).Op("Neg", "a", "b").Op("Concat", "a b x", "c", ("axis", 1)).Op("Exp", "c", "y"),
        ["Concat of rows"] = random => Plane(random).Op("Neg", "a", "b").Op("Concat", "a b", "y", ("axis", 2)),
        ["Split"] = random => Plane(random).Op("Split", "a", "b c", ("axis", 1)).Op("Sub", "b c", "y"),
        ["Slice"] = random => Plane(random).Ints("from", 1, 1).Ints("to", 6, 7).Ints("axes", 2, 3).Op("Slice", "a from to axes", "y"),
        ["Transpose"] = random => Plane(random).Op("Transpose", "a", "y", ("perm", new[] { 0, 2, 3, 1 })),
        ["Reshape"] = random => Plane(random).Ints("flat", 1, -1).Op("Reshape", "a flat", "b").Op("Tanh", "b", "y"),
        ["Pad"] = random => Plane(random).Ints("pads", 0, 0, 1, 2, 0, 0, 2, 1).Op("Pad", "a pads", "b", ("mode", "reflect")).Op("Abs", "b", "y"),
        ["Resize"] = random => Plane(random).Floats("none").Floats("scales", 1, 1, 2, 2)
            .Op("Resize", "a none scales", "y", ("mode", "linear"), ("coordinate_transformation_mode", "asymmetric")),
        ["ReduceMean"] = random => Plane(random).Op("ReduceMean", "a", "y", ("axes", new[] { 1 })),
        ["Softmax"] = random => Plane(random).Op("Softmax", "a", "y", ("axis", 1)),
        ["LogSoftmax"] = random => Plane(random).Op("LogSoftmax", "a", "y", ("axis", 3)),
        ["InstanceNormalization"] = random => Plane(random).Weights("f", [4]).Weights("s", [4]).Op("InstanceNormalization", "a f s", "y"),
        ["LRN"] = random => Plane(random).Op("LRN", "a", "y", ("size", 3)),
        ["LpNormalization"] = random => Plane(random).Op("LpNormalization", "a", "y", ("axis", 1)),
        ["HardSwish"] = random => Plane(random).Op("HardSigmoid", "a", "h", ("alpha", 0.166f)).Op("Mul", "h a", "y"),
    };

    public static IEnumerable<string> Names => ByName.Keys;

    public static GraphSketch Sketch(string name, int seed) => ByName[name](new Random(seed));

    /// <summary>Planes "x", and "a" that a slice in half precision stores so.</summary>
    private static GraphSketch Plane(Random random) =>
        new GraphSketch().Input("x", 1, 4, random.Next(7, 12), random.Next(7, 20)).Op("LeakyRelu", "x", "a");

    private static GraphSketch Convolution(Random random, int kernel, int stride, int groups)
    {
        int channels = groups * random.Next(1, 9), outputs = groups * random.Next(1, 11);
        return new GraphSketch().Input("x", random.Next(1, 3), channels, random.Next(6, 14), random.Next(6, 14))
            .Weights("w", [outputs, channels / groups, kernel, kernel]).Weights("b", [outputs])
            .Weights("v", [outputs, outputs / groups, kernel, kernel])
            .Op("Conv", "x w b", "c", ("strides", new[] { stride, stride }), ("group", groups)).Op("Relu", "c", "a")
            .Op("Conv", "a v", "y", ("pads", new[] { 1, 1, 1, 1 }), ("group", groups));
    }

    private static GraphSketch Depthwise(Random random)
    {
        int channels = random.Next(2, 9);
        return new GraphSketch().Input("x", 1, channels, random.Next(6, 14), random.Next(6, 14))
            .Weights("w", [2 * channels, 1, 3, 3]).Weights("v", [2 * channels, 1, 3, 3])
            .Op("Conv", "x w", "a", ("group", channels), ("pads", new[] { 1, 1, 1, 1 })).Op("Relu", "a", "b")
            .Op("Conv", "b v", "y", ("group", 2 * channels), ("strides", new[] { 2, 2 }));
    }

    private static GraphSketch Residual(Random random)
    {
        int channels = random.Next(1, 9);
        return new GraphSketch().Input("x", 1, channels, random.Next(6, 14), random.Next(6, 14))
            .Weights("w", [channels, channels, 3, 3]).Weights("v", [channels, channels, 3, 3])
            .Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 1, 1 })).Op("Add", "c x", "d").Op("Relu", "d", "e")
            .Op("Conv", "e v", "f", ("pads", new[] { 1, 1, 1, 1 })).Op("Add", "f e", "g").Op("Relu", "g", "y");
    }

    private static GraphSketch Transposed(Random random)
    {
        int channels = random.Next(1, 9);
        return new GraphSketch().Input("x", 1, channels, random.Next(4, 9), random.Next(4, 9))
            .Weights("w", [channels, 5, 3, 2]).Weights("v", [5, 3, 2, 2])
            .Op("ConvTranspose", "x w", "a", ("strides", new[] { 2, 1 })).Op("ConvTranspose", "a v", "y");
    }

    private static GraphSketch Product(Random random, string type, int rows)
    {
        int depth = random.Next(2, 70), columns = random.Next(1, 20);
        return new GraphSketch().Input("x", rows, depth).Weights("w", [depth, columns]).Weights("b", [columns]).Weights("v", [columns, 6])
            .Op(type, "x w b", "a").Op("Relu", "a", "r").Op("MatMul", "r v", "y");
    }
}

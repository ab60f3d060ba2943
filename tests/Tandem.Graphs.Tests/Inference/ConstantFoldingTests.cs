using Tandem.Graphs.Inference;
using Tandem.Graphs.Tests.Onnx;

namespace Tandem.Graphs.Tests.Inference;

public sealed class ConstantFoldingTests
{
    /// <summary>All but those whose weights take hundreds of megabytes once they are filled in.</summary>
    public static TheoryData<string> Files { get; } =
    [
        "SqueezeNet_fp16.onnx", "candy.onnx", "mnist.onnx", "version-RFB-320.onnx", "light/light_densenet121.onnx",
        "light/light_inception_v1.onnx", "light/light_inception_v2.onnx", "light/light_shufflenet.onnx",
        "light/light_squeezenet.onnx",
    ];

    [Fact]
    public void Shape_arithmetic_leaves_only_what_computes()
    {
        Graph folded = ConstantFolding.Fold(ShapeArithmetic.Resizing());

        Assert.Equal(["Resize", "Reshape"], folded.Operators.Select(o => o.Type));
        Assert.Equal([1, 3, 16, 20], folded.Constants["sizes"].AsSpan<long>().ToArray());
        Assert.Equal([1, -1], folded.Constants["t"].AsSpan<long>().ToArray());
        Assert.Equal(["sizes", "t"], folded.Constants.Keys.Order());
    }

    [Theory]
    [InlineData("Gather", "[10,20,30] [2,0,-2]", "", "30 10 20")]
    [InlineData("Concat", "[1,2] [3]", "axis=0", "1 2 3")]
    [InlineData("Slice", "[1,2,3,4,5] [4] [-6] [0] [-2]", "", "5 3 1")]
    [InlineData("Slice", "[1,2,3,4,5] [1] [-1]", "", "2 3 4")]
    [InlineData("Add", "[1,2,3] {10}", "", "11 12 13")]
    [InlineData("Sub", "[1,2,3] [10]", "", "-9 -8 -7")]
    [InlineData("Mul", "[1,2,3] [4,5,6]", "", "4 10 18")]
    [InlineData("Div", "[7,-7,8] [2]", "", "3 -3 4")]
    [InlineData("Max", "[1,5] [4,2] [3,3]", "", "4 5")]
    [InlineData("Unsqueeze", "{7} [0]", "", "7")]
    [InlineData("Squeeze", "[7]", "", "7")]
    [InlineData("Expand", "[7] [3]", "", "7 7 7")]
    [InlineData("Range", "{2} {11} {3}", "", "2 5 8")]
    [InlineData("Constant", "", "value_ints=4,5", "4 5")]
    [InlineData("Shape", "2x3x4", "", "2 3 4")]
    [InlineData("Size", "2x3x4", "", "24")]
    [InlineData("ReduceProd", "[2,3,4]", "keepdims=0", "24")]
    [InlineData("Cast", "(1.5,-2.7)", "to=7", "1 -2")]
    [InlineData("Neg", "[3,-4]", "", "-3 4")]
    [InlineData("Reshape", "[1,2,3,4] [2,2]", "", "1 2 3 4")]
    public void Integers_are_computed(string type, string inputs, string attributes, string expected) =>
        Assert.Equal(expected, string.Join(' ', Evaluate(type, inputs, attributes).AsSpan<long>().ToArray()));

    [Theory]
    [InlineData("Div", "(1,2) (4)", "", "0.25 0.5")]
    [InlineData("Sqrt", "(4,9)", "", "2 3")]
    [InlineData("Floor", "(1.5,-1.5)", "", "1 -2")]
    [InlineData("Cast", "[3,-4]", "to=1", "3 -4")]
    public void Floats_are_computed(string type, string inputs, string attributes, string expected) =>
        Assert.Equal(expected, string.Join(' ', Evaluate(type, inputs, attributes).AsSpan<float>().ToArray()));

    [Fact]
    public void Elements_of_any_type_are_transposed()
    {
        Graph graph = Read(
            [new Operator("turn", "Transpose", ["m"], ["out0"])],
            Constant.Of<byte>("m", ElementType.UInt8, new Shape(2, 3), [1, 2, 3, 4, 5, 6]));

        Assert.Equal([1, 4, 2, 5, 3, 6], ConstantFolding.Fold(graph).Constants["out0"].Data.ToArray());
    }

    [Theory]
    [InlineData(ElementType.UInt8)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Int64)]
    public void A_value_fills_every_element(ElementType type)
    {
        byte[] one = [.. Enumerable.Range(1, type.SizeInBytes()).Select(i => (byte)i)];
        var value = new AttributeValue.TensorValue(new Constant(new Tensor("", type, new Shape(1)), one));
        Graph graph = Read(
            [new Operator("fill", "ConstantOfShape", ["n"], ["out0"], ShapeArithmetic.Attributes(("value", value)))],
            SmallModels.Integers("n", 2, 3));

        Constant filled = ConstantFolding.Fold(graph).Constants["out0"];

        Assert.Equal(new Shape(2, 3), filled.Tensor.Shape);
        Assert.Equal([.. Enumerable.Repeat(one, 6).SelectMany(b => b)], filled.Data.ToArray());
    }

    [Fact]
    public void Where_and_comparisons_choose_elements()
    {
        Graph graph = Read(
            [new Operator("less", "Less", ["a", "b"], ["c"]), new Operator("where", "Where", ["c", "a", "b"], ["out0"])],
            SmallModels.Integers("a", 1, 5, 3), SmallModels.Integers("b", 4, 2, 3));

        Assert.Equal([1, 2, 3], ConstantFolding.Fold(graph).Constants["out0"].AsSpan<long>().ToArray());
    }

    [Fact]
    public void Split_parts_are_constants()
    {
        Graph graph = SmallModels.Of(
            13, [], ["p", "q"],
            [
                new Operator("split", "Split", ["m"], ["a", "b"], ShapeArithmetic.Attributes(("axis", new AttributeValue.Int(1)))),
                new Operator("p", "Softplus", ["a"], ["p"]),
                new Operator("q", "Softplus", ["b"], ["q"]),
            ],
            Constant.Of<float>("m", ElementType.Float32, new Shape(2, 4), [0, 1, 2, 3, 4, 5, 6, 7]));

        Graph folded = ConstantFolding.Fold(graph);

        Assert.Equal([0, 1, 4, 5], folded.Constants["a"].AsSpan<float>().ToArray());
        Assert.Equal([2, 3, 6, 7], folded.Constants["b"].AsSpan<float>().ToArray());
    }

    [Fact]
    public void What_does_nothing_goes_and_the_output_keeps_its_name()
    {
        Graph graph = SmallModels.Of(
            13,
            [SmallModels.Floats("x", 2)],
            ["y"],
            [
                new Operator("i1", "Identity", ["x"], ["a"]),
                new Operator("relu", "Relu", ["a"], ["b"]),
                new Operator("drop", "Dropout", ["b"], ["c", "mask"]),
                new Operator("i2", "Identity", ["c"], ["y"]),
            ]);

        Operator only = Assert.Single(ConstantFolding.Fold(graph).Operators);
        Assert.Equal(("relu", "x", "y"), (only.Name, only.Inputs[0], only.Outputs[0]));
    }

    [Fact]
    public void What_an_output_needs_stays()
    {
        Graph graph = SmallModels.Of(
            13,
            [SmallModels.Floats("x", 2)],
            ["same", "mask", "number"],
            [
                new Operator("copy", "Identity", ["x"], ["same"]),
                new Operator("drop", "Dropout", ["x"], ["d", "mask"]),
                new Operator("number", "Constant", [], ["number"], ShapeArithmetic.Attributes(("value_int", new AttributeValue.Int(3)))),
            ]);

        Graph folded = ConstantFolding.Fold(graph);

        Assert.Equal(3, folded.Operators.Count);
        Assert.Equal(graph.Outputs, folded.Outputs);
    }

    [Fact]
    public void Dropout_that_may_train_stays()
    {
        Graph graph = SmallModels.Of(
            13,
            [SmallModels.Floats("x", 2)],
            ["y"],
            [new Operator("drop", "Dropout", ["x", "", "training"], ["d"]), new Operator("relu", "Relu", ["d"], ["y"])],
            Constant.Of<bool>("training", ElementType.Boolean, Shape.Scalar, [true]));

        Assert.Equal(2, ConstantFolding.Fold(graph).Operators.Count);
    }

    [Fact]
    public void Division_by_zero_is_refused_with_the_operators_name()
    {
        var failure = Assert.Throws<InvalidModelException>(() => OneOperator.Of(13, "Div", "[1] [0]"));
        Assert.Equal("op", failure.Operator?.Name);
    }

    [Fact]
    public void A_constant_that_no_array_can_hold_is_refused_before_it_is_made()
    {
        Graph graph = Read(
            [new Operator("fill", "ConstantOfShape", ["n"], ["out0"])], SmallModels.Integers("n", 1L << 20, 1L << 12));

        var failure = Assert.Throws<InvalidModelException>(() => ConstantFolding.Fold(graph));
        Assert.Contains("16384 MiB", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_folded_network_has_the_same_ends_and_shapes(string file)
    {
        Graph graph = ModelFiles.Load(file);

        Graph folded = ConstantFolding.Fold(graph);

        Assert.Equal(graph.Inputs, folded.Inputs);
        Assert.Equal(graph.Outputs, folded.Outputs);
        Assert.DoesNotContain(folded.Operators, o => o.Type is "Constant" or "ConstantOfShape" or "Shape" or "Dropout" or "Gather");
        Assert.All(folded.Operators.SelectMany(o => o.Outputs).Where(o => o.Length > 0),
            name => Assert.Equal(graph.Tensors[name], folded.Tensors[name]));
    }

    private static Constant Evaluate(string type, string inputs, string attributes)
    {
        Graph one = OneOperator.Of(13, type, inputs, attributes);
        // A reader behind it, for what makes an output of the network stays.
        Graph graph = SmallModels.Of(
            13, one.Inputs, ["y"], [.. one.Operators, new Operator("reader", "Cast", ["out0"], ["y"],
                ShapeArithmetic.Attributes(("to", new AttributeValue.Int(1))))], one.Constants.Values);
        return ConstantFolding.Fold(graph).Constants.TryGetValue("out0", out Constant? value)
            ? value
            : throw new InvalidOperationException("nothing was folded");
    }

    private static Graph Read(IReadOnlyList<Operator> operators, params Constant[] constants) => SmallModels.Of(
        13, [SmallModels.Floats("x", 1)], ["y"],
        [.. operators, new Operator("reader", "GatherElements", ["out0", "x_index"], ["y"])],
        [.. constants, SmallModels.Integers("x_index", 0)]);
}

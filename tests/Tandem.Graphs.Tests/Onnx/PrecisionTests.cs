namespace Tandem.Graphs.Tests.Onnx;

public sealed class PrecisionTests
{
    [Fact]
    public void A_float32_network_stays_as_it_is()
    {
        Graph graph = SmallModels.Convolution();
        Assert.Same(graph, Precision.WidenToFloat32(graph));
    }

    [Fact]
    public void A_float16_network_computes_in_float32_and_keeps_its_ends()
    {
        Graph wide = Precision.WidenToFloat32(Half());

        Assert.Equal(["Cast", "Add", "Mul", "Cast"], wide.Operators.Select(o => o.Type));
        Assert.Equal(Half().Inputs, wide.Inputs);
        Assert.Equal(Half().Outputs, wide.Outputs);
        Assert.Equal(["x", "y"], wide.Tensors.Values.Where(t => t.Type == ElementType.Float16).Select(t => t.Name).Order());
        Assert.Equal([0.5f, -65504f, 5.9604645e-8f], wide.Constants["w"].AsSpan<float>().ToArray());
    }

    [Fact]
    public void Casts_and_constants_inside_are_widened_too()
    {
        var one = new AttributeValue.TensorValue(
            new Constant(new Tensor("", ElementType.Float16, new Shape(1)), BitConverter.GetBytes((Half)1)));
        Graph graph = SmallModels.Of(
            13,
            [SmallModels.Floats("x", 2)],
            ["y"],
            [
                new Operator("narrow", "Cast", ["x"], ["n"], ShapeArithmetic.Attributes(("to", new AttributeValue.Int(10)))),
                new Operator("one", "Constant", [], ["o"], ShapeArithmetic.Attributes(("value", one))),
                new Operator("add", "Add", ["n", "o"], ["s"]),
                new Operator("widen", "Cast", ["s"], ["y"], ShapeArithmetic.Attributes(("to", new AttributeValue.Int(1)))),
            ]);

        Graph wide = Precision.WidenToFloat32(graph);

        Assert.All(wide.Tensors.Values, t => Assert.Equal(ElementType.Float32, t.Type));
        Assert.Equal(4, wide.Operators.Count);
    }

    [Fact]
    public void An_output_that_is_read_inside_is_narrowed_only_at_the_end()
    {
        Graph graph = SmallModels.Of(
            13, [new Tensor("x", ElementType.Float16, new Shape(2))], ["a", "b", "x"],
            [new Operator("relu", "Relu", ["x"], ["a"]), new Operator("neg", "Neg", ["a"], ["b"])]);

        Graph wide = Precision.WidenToFloat32(graph);

        Assert.Equal(graph.Outputs, wide.Outputs);
        Assert.Equal(ElementType.Float32, wide.Tensors[wide.Operators.Single(o => o.Type == "Neg").Inputs[0]].Type);
    }

    [Fact]
    public void The_real_float16_network_is_widened()
    {
        Graph wide = Precision.WidenToFloat32(ModelFiles.Load("SqueezeNet_fp16.onnx"));

        Assert.Equal(["data_0", "softmaxout_1"],
            wide.Tensors.Values.Where(t => t.Type == ElementType.Float16).Select(t => t.Name).Order());
        Assert.Equal(68, wide.Operators.Count);
    }

    private static Graph Half() => SmallModels.Of(
        13,
        [new Tensor("x", ElementType.Float16, new Shape(3))],
        ["y"],
        [new Operator("add", "Add", ["x", "w"], ["s"]), new Operator("mul", "Mul", ["s", "x"], ["y"])],
        Constant.Of<Half>("w", ElementType.Float16, new Shape(3), [(Half)0.5, System.Half.MinValue, System.Half.Epsilon]));
}

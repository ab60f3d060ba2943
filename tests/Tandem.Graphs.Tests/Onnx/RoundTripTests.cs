using Tandem.Graphs.Onnx;

namespace Tandem.Graphs.Tests.Onnx;

public sealed class RoundTripTests
{
    public static TheoryData<string> Models => ModelFiles.All;

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_written_and_read_again_is_the_same(string file)
    {
        Graph graph = ModelFiles.Load(file);

        Graph again = OnnxFile.Parse(OnnxFile.Serialize(graph), graph.Name);

        GraphAssert.Equal(graph, again);
    }

    [Fact]
    public void A_saved_model_is_read_again_and_leaves_nothing_else_behind()
    {
        Graph graph = SmallModels.Convolution();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem");
        try
        {
            string path = Path.Combine(folder.FullName, "conv.onnx");
            OnnxFile.Save(graph, path);
            OnnxFile.Save(graph, path);

            GraphAssert.Equal(graph, OnnxFile.Load(path));
            Assert.Equal([path], Directory.GetFiles(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Saving_where_nothing_can_be_written_says_so()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "conv.onnx");

        var failure = Assert.Throws<TandemException>(() => OnnxFile.Save(SmallModels.Convolution(), path));

        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void Every_domain_that_an_operator_is_of_is_imported()
    {
        Graph graph = SmallModels.Of(
            13, [SmallModels.Floats("x", 1, 1, 4, 4)], ["y"],
            [
                new Operator("conv", "FusedConv", ["x", "w"], ["y"],
                    ShapeArithmetic.Attributes(("activation", new AttributeValue.Text("Relu"))), "com.microsoft"),
            ],
            SmallModels.Weights("w", 2, 1, 3, 3));

        Graph again = OnnxFile.Parse(OnnxFile.Serialize(graph), "again");

        Assert.Equal(1, again.Opsets["com.microsoft"]);
        Assert.Equal("Relu", again.Operators[0].GetText("activation", ""));
        Assert.Equal("com.microsoft", again.Operators[0].Domain);
    }

    [Theory]
    [InlineData(7, 4)]
    [InlineData(9, 4)]
    [InlineData(10, 5)]
    [InlineData(13, 7)]
    [InlineData(17, 8)]
    [InlineData(21, 10)]
    public void The_format_version_is_the_one_of_the_operators_but_never_one_whose_weights_are_inputs(int opset, long expected)
    {
        Graph graph = SmallModels.Of(
            opset, [SmallModels.Floats("x", 1)], ["y"], [new Operator("relu", "Relu", ["x"], ["y"])]);

        Assert.Equal(expected, ModelWriter.Write(graph).IrVersion);
    }

    [Fact]
    public void Attributes_of_every_kind_come_back_with_zeros_and_empty_lists()
    {
        Dictionary<string, AttributeValue> attributes = ShapeArithmetic.Attributes(
            ("int", new AttributeValue.Int(0)), ("float", new AttributeValue.Float(0)), ("text", new AttributeValue.Text("")),
            ("ints", new AttributeValue.Ints([])), ("floats", new AttributeValue.Floats([0, 1.5f])),
            ("texts", new AttributeValue.Texts(["a", ""])),
            ("tensor", new AttributeValue.TensorValue(SmallModels.Integers("", 1, 2))));
        Graph graph = SmallModels.Of(
            13, [SmallModels.Floats("x", 1)], ["y"], [new Operator("relu", "Relu", ["x"], ["y"], attributes)]);

        Graph again = OnnxFile.Parse(OnnxFile.Serialize(graph), graph.Name);

        AttributeValue.TensorValue tensor = Assert.IsType<AttributeValue.TensorValue>(again.Operators[0].Attributes["tensor"]);
        Assert.Equal([1, 2], tensor.Value.AsSpan<long>().ToArray());
        Assert.Empty(again.Operators[0].GetInts("ints")!);
        GraphAssert.Equal(
            SmallModels.Of(13, graph.Inputs, ["y"], [graph.Operators[0].With(attributes: Without(graph))]),
            SmallModels.Of(13, again.Inputs, ["y"], [again.Operators[0].With(attributes: Without(again))]));
    }

    // Names of attribute tensors are not written, so that the tensor is compared apart.
    private static Dictionary<string, AttributeValue> Without(Graph graph) =>
        graph.Operators[0].Attributes.Where(a => a.Key != "tensor").ToDictionary();
}

using Google.Protobuf;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Onnx.Wire;
using Dimension = Tandem.Graphs.Onnx.Wire.TensorShapeProto.Types.Dimension;

namespace Tandem.Graphs.Tests.Onnx;

public sealed class InputShapeTests
{
    [Fact]
    public void An_open_batch_becomes_one()
    {
        foreach (Dimension open in new Dimension[] { new(), new() { DimParam = "None" }, new() { DimValue = 0 }, new() { DimValue = -1 } })
        {
            Assert.Equal(new Shape(1, 3, 8, 8), Load(shape => shape.Dim[0] = open).Inputs[0].Shape);
        }
    }

    [Fact]
    public void Another_open_dimension_must_be_given_and_the_message_says_how()
    {
        var failure = Assert.Throws<InvalidModelException>(() => Load(OpenImage));
        Assert.Equal(
            "input 'x' has the open shape [1,3,height,?] in the model; give one, for example --input-shape x=1,3,224,224",
            failure.Message);
    }

    [Fact]
    public void Given_dimensions_are_taken_and_reach_the_output()
    {
        Graph graph = Load(OpenImage, new() { ["x"] = [1, 3, 20, 12] });
        Assert.Equal(new Shape(1, 4, 10, 6), graph.Outputs[0].Shape);
    }

    [Fact]
    public void An_open_batch_can_be_given() =>
        Assert.Equal(2, Load(shape => shape.Dim[0] = new() { DimParam = "N" }, new() { ["x"] = [2, 3, 8, 8] }).Inputs[0].Shape[0]);

    [Theory]
    [InlineData("x", "1,4,20,12", "dimension 1 of input 'x' is fixed to 3")]
    [InlineData("x", "1,3,20", "has 4 dimensions in the model, not 3")]
    [InlineData("x", "1,3,-5,12", "not possible")]
    [InlineData("x", "1,3,0,12", "not possible")]
    [InlineData("x", "1,3,9000000000000,9000000000000", "not possible")]
    [InlineData("z", "1,3,20,12", "'z'")]
    public void Shapes_that_contradict_the_model_are_refused(string name, string shape, string expected)
    {
        Dictionary<string, IReadOnlyList<long>> given = new() { ["x"] = [1, 3, 20, 12] };
        given[name] = [.. shape.Split(',').Select(long.Parse)];

        var failure = Assert.Throws<InvalidModelException>(() => Load(OpenImage, given));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_without_any_shape_must_be_given_one()
    {
        ModelProto model = BadInputTests.Model();
        model.Graph.Input[0].Type.TensorType.Shape = null;

        var failure = Assert.Throws<InvalidModelException>(() => BadInputTests.Parse(model));
        Assert.Contains("--input-shape x=1,3,224,224", failure.Message, StringComparison.Ordinal);

        Graph graph = OnnxFile.Parse(
            model.ToByteArray(), "test", new Dictionary<string, IReadOnlyList<long>> { ["x"] = [1, 3, 6, 6] });
        Assert.Equal(new Shape(1, 3, 6, 6), graph.Inputs[0].Shape);
    }

    [Fact]
    public void An_input_that_is_no_tensor_is_refused()
    {
        ModelProto model = BadInputTests.Model();
        model.Graph.Input[0].Type.TensorType = null;
        Assert.Contains(
            "is no tensor", Assert.Throws<InvalidModelException>(() => BadInputTests.Parse(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_initializer_that_is_listed_as_an_input_is_a_constant()
    {
        ModelProto model = BadInputTests.Model();
        model.Graph.Input.Add(new ValueInfoProto { Name = "w", Type = model.Graph.Input[0].Type.Clone() });

        Graph graph = BadInputTests.Parse(model);

        Assert.Equal("x", Assert.Single(graph.Inputs).Name);
        Assert.Contains("w", graph.Constants.Keys);
    }

    [Fact]
    public void Operators_without_names_get_ones_of_their_own()
    {
        ModelProto model = BadInputTests.Model();
        model.Graph.Node[0].Name = "";
        model.Graph.Node[1].Name = "Conv_0";

        Graph graph = BadInputTests.Parse(model);

        Assert.Equal(2, graph.Operators.Select(o => o.Name).Distinct().Count());
        Assert.Equal("Conv_0", graph.Operators[1].Name);
        Assert.StartsWith("Conv_", graph.Operators[0].Name, StringComparison.Ordinal);
    }

    private static void OpenImage(TensorShapeProto shape)
    {
        shape.Dim[2] = new Dimension { DimParam = "height" };
        shape.Dim[3] = new Dimension();
    }

    private static Graph Load(Action<TensorShapeProto> change, Dictionary<string, IReadOnlyList<long>>? given = null)
    {
        ModelProto model = BadInputTests.Model();
        change(model.Graph.Input[0].Type.TensorType.Shape);
        return OnnxFile.Parse(model.ToByteArray(), "test", given);
    }
}

using Tandem.Graphs.Tests.Onnx;

namespace Tandem.Graphs.Tests.Costs;

public sealed class GraphSignatureTests
{
    [Fact]
    public void It_is_sixteen_hexadecimal_digits() =>
        Assert.Matches("^[0-9a-f]{16}$", GraphSignature.Of(SmallModels.Convolution()));

    [Fact]
    public void It_never_changes_for_stored_measurements_are_found_by_it() =>
        Assert.Equal("46ce9893ec814923", GraphSignature.Of(SmallModels.Convolution()));

    [Fact]
    public void Names_do_not_matter() =>
        Assert.Equal(GraphSignature.Of(SmallModels.Convolution()), GraphSignature.Of(SmallModels.Convolution("other/")));

    [Fact]
    public void Float_weights_do_not_matter()
    {
        Graph graph = SmallModels.Convolution();
        Graph other = Changed(graph, constants: graph.Constants.Values.Select(c =>
            Constant.Of<float>(c.Tensor.Name, c.Tensor.Type, c.Tensor.Shape, new float[c.Tensor.Shape.ElementCount])));

        Assert.Equal(GraphSignature.Of(graph), GraphSignature.Of(other));
    }

    [Fact]
    public void The_order_of_attributes_does_not_matter()
    {
        Graph graph = SmallModels.Convolution();
        Graph other = Changed(graph, operators: graph.Operators.Select(o =>
            o.With(attributes: o.Attributes.Reverse().ToDictionary(a => a.Key, a => a.Value))));

        Assert.Equal(GraphSignature.Of(graph), GraphSignature.Of(other));
    }

    [Fact]
    public void Attributes_matter()
    {
        Graph graph = SmallModels.Convolution();
        Graph other = Changed(graph, operators: graph.Operators.Select(o => o.Type != "Conv" ? o : o.With(
            attributes: new Dictionary<string, AttributeValue>(o.Attributes) { ["strides"] = new AttributeValue.Ints([1, 2]) })));

        AssertDiffer(graph, other);
    }

    [Fact]
    public void Operator_types_matter() => AssertDiffer(Unary("Relu"), Unary("Tanh"));

    [Fact]
    public void Domains_matter() => AssertDiffer(Unary("Gelu"), Unary("Gelu", domain: "com.microsoft"));

    [Fact]
    public void Shapes_matter() => AssertDiffer(Unary("Relu", extent: 4), Unary("Relu", extent: 5));

    [Fact]
    public void Element_types_matter() =>
        AssertDiffer(Unary("Relu"), Unary("Relu", elementType: ElementType.Float16));

    [Fact]
    public void The_meaning_of_softmax_matters() =>
        AssertDiffer(Unary("Softmax", opset: 12), Unary("Softmax", opset: 13));

    [Fact]
    public void The_opset_alone_does_not_matter() =>
        Assert.Equal(GraphSignature.Of(Unary("Relu", opset: 12)), GraphSignature.Of(Unary("Relu", opset: 13)));

    [Fact]
    public void Wiring_matters()
    {
        AssertDiffer(Subtract("a", "b"), Subtract("b", "a"));
        AssertDiffer(Subtract("a", "b"), Subtract("a", "a"));
    }

    [Fact]
    public void Which_tensors_are_outputs_matters()
    {
        Graph graph = SmallModels.Convolution();
        AssertDiffer(graph, Changed(graph, outputs: ["y", "c"]));
    }

    [Fact]
    public void Integer_constants_matter() => AssertDiffer(Sliced(0, 2), Sliced(1, 3));

    [Fact]
    public void A_constant_is_not_an_input()
    {
        Graph fed = SmallModels.Of(
            13, [SmallModels.Floats("a", 4), SmallModels.Floats("b", 4)], ["y"], [new Operator("add", "Add", ["a", "b"], ["y"])]);
        Graph fixedOne = SmallModels.Of(
            13, [SmallModels.Floats("a", 4)], ["y"], [new Operator("add", "Add", ["a", "b"], ["y"])], SmallModels.Weights("b", 4));

        AssertDiffer(fed, fixedOne);
    }

    private static void AssertDiffer(Graph first, Graph second) =>
        Assert.NotEqual(GraphSignature.Of(first), GraphSignature.Of(second));

    private static Graph Unary(
        string type, long extent = 4, int opset = 20, ElementType elementType = ElementType.Float32, string domain = "") =>
        SmallModels.Of(
            opset, [new Tensor("x", elementType, new Shape(1, extent))], ["y"],
            [new Operator("op", type, ["x"], ["y"], domain: domain)]);

    private static Graph Subtract(string first, string second) => SmallModels.Of(
        13, [SmallModels.Floats("a", 4), SmallModels.Floats("b", 4)], ["y"], [new Operator("sub", "Sub", [first, second], ["y"])]);

    private static Graph Sliced(long from, long to) => SmallModels.Of(
        13, [SmallModels.Floats("x", 4)], ["y"], [new Operator("slice", "Slice", ["x", "from", "to"], ["y"])],
        SmallModels.Integers("from", from), SmallModels.Integers("to", to));

    private static Graph Changed(
        Graph graph, IEnumerable<Operator>? operators = null, IEnumerable<Constant>? constants = null,
        IReadOnlyList<string>? outputs = null) => new(
        graph.Name, graph.Opsets, graph.Inputs, outputs ?? [.. graph.Outputs.Select(o => o.Name)],
        [.. operators ?? graph.Operators], constants ?? graph.Constants.Values);
}

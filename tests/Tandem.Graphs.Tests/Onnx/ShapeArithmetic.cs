namespace Tandem.Graphs.Tests.Onnx;

/// <summary>Networks whose shapes are computed by operators, as exporters write them.</summary>
internal static class ShapeArithmetic
{
    /// <summary>An image resized to twice its rows and columns, then flattened, both by arithmetic on its shape.</summary>
    public static Graph Resizing() => SmallModels.Of(
        13,
        [SmallModels.Floats("x", 1, 3, 8, 10)],
        ["y"],
        [
            new Operator("shape", "Shape", ["x"], ["s"]),
            Slice("front"),
            Slice("back"),
            new Operator("double", "Mul", ["back", "two"], ["doubled"]),
            new Operator("join", "Concat", ["front", "doubled"], ["sizes"], Attributes(("axis", new AttributeValue.Int(0)))),
            new Operator("resize", "Resize", ["x", "", "", "sizes"], ["r"], Attributes(("mode", new AttributeValue.Text("nearest")))),
            new Operator("shape2", "Shape", ["r"], ["s2"]),
            new Operator("batch", "Gather", ["s2", "zero"], ["n"], Attributes(("axis", new AttributeValue.Int(0)))),
            new Operator("list", "Unsqueeze", ["n", "zeros"], ["n1"]),
            new Operator("target", "Concat", ["n1", "rest"], ["t"], Attributes(("axis", new AttributeValue.Int(0)))),
            new Operator("reshape", "Reshape", ["r", "t"], ["y"]),
        ],
        SmallModels.Integers("two", 2),
        SmallModels.Integers("zeros", 0),
        SmallModels.Integers("rest", -1),
        SmallModels.Integers("front.from", 0), SmallModels.Integers("front.to", 2),
        SmallModels.Integers("back.from", 2), SmallModels.Integers("back.to", 4),
        Constant.Of<long>("zero", ElementType.Int64, Shape.Scalar, [0]));

    /// <summary>Attributes of an operator.</summary>
    public static Dictionary<string, AttributeValue> Attributes(params (string Name, AttributeValue Value)[] attributes) =>
        attributes.ToDictionary(a => a.Name, a => a.Value);

    private static Operator Slice(string name) =>
        new(name, "Slice", ["s", name + ".from", name + ".to"], [name]);
}

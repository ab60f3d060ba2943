using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Tests.Onnx;

namespace Tandem.Graphs.Tests.Inference;

/// <summary>No operator, fed with whatever, makes inference fail in another way than by refusing.</summary>
public sealed class AnyOperatorTests
{
    private static readonly string[] AttributeNames =
    [
        "axis", "axes", "kernel_shape", "strides", "pads", "dilations", "group", "perm", "split", "starts", "ends", "scales",
        "blocksize", "border", "scale", "to", "transA", "keepdims", "output_shape", "output_padding", "ceil_mode", "value_ints",
        "value", "start", "end", "transB", "noop_with_empty_axes", "allowzero",
    ];

    private static readonly Gen<long> Number =
        Gen.Frequency(
            (6, Gen.Choose(0, 4).Select(n => (long)n)),
            (2, Gen.Choose(-3, -1).Select(n => (long)n)),
            (1, Gen.Elements(long.MinValue, long.MaxValue, 1L << 40, int.MaxValue)));

    private static readonly Gen<AttributeValue> Attribute = Gen.OneOf(
        Number.Select(n => (AttributeValue)new AttributeValue.Int(n)),
        Number.ListOf().Select(n => (AttributeValue)new AttributeValue.Ints([.. n.Take(5)])),
        Number.ListOf().Select(n => (AttributeValue)new AttributeValue.Floats([.. n.Take(5).Select(v => v * 0.5f)])),
        Number.ListOf().Select(n => (AttributeValue)new AttributeValue.TensorValue(SmallModels.Integers("", [.. n.Take(3)]))));

    private static readonly Gen<Input> Inputs =
        from dimensions in Gen.Choose(0, 4).ListOf()
        from values in Number.ListOf()
        from kind in Gen.Choose(0, 5)
        select new Input(kind, [.. dimensions.Take(5).Select(d => (long)d)], [.. values.Take(5)]);

    private static readonly Gen<Case> Cases =
        from rule in Gen.Elements<(string Domain, string Type)>([.. OperatorRules.Known])
        from opset in Gen.Choose(7, 21)
        from inputs in Inputs.ListOf()
        from names in Gen.Elements(AttributeNames).ListOf()
        from attributes in Attribute.ArrayOf(names.Count)
        from outputs in Gen.Choose(0, 3)
        select new Case(
            rule.Domain, rule.Type, opset, [.. inputs.Take(5)],
            names.Zip(attributes).DistinctBy(a => a.First).ToDictionary(a => a.First, a => a.Second), outputs);

    [Fact]
    public void Whatever_an_operator_is_given_it_is_typed_or_refused() => Prop.ForAll(Cases.ToArbitrary(), c =>
    {
        try
        {
            Graph graph = c.Build();
            if (graph.Tensors.Values.Sum(t => t.SizeInBytes) < 1 << 20)
            {
                ConstantFolding.Fold(graph);
            }
            Assert.All(graph.Outputs, output => Assert.True(output.SizeInBytes >= 0));
        }
        catch (InvalidModelException e)
        {
            Assert.DoesNotContain('\n', e.Message);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    private sealed record Input(int Kind, long[] Dimensions, long[] Values)
    {
        public bool IsConstant => Kind >= 3 && Kind < 5;

        public string Name(int index) => Kind == 5 ? "" : $"in{index}";

        public Tensor Tensor(int index) => new(
            Name(index), Kind == 2 ? ElementType.Boolean : ElementType.Float32, new Shape(Dimensions));

        public Constant Constant(int index) => Kind == 3
            ? SmallModels.Integers(Name(index), Values)
            : SmallModels.Weights(Name(index), Dimensions);
    }

    private sealed record Case(
        string Domain, string Type, int Opset, Input[] Inputs, Dictionary<string, AttributeValue> Attributes, int Outputs)
    {
        public Graph Build()
        {
            string[] outputs = [.. Enumerable.Range(0, Outputs).Select(i => $"out{i}")];
            return SmallModels.Of(
                Opset,
                [.. Inputs.Index().Where(i => i.Item.Kind < 3).Select(i => i.Item.Tensor(i.Index))],
                outputs,
                [new Operator("op", Type, [.. Inputs.Index().Select(i => i.Item.Name(i.Index))], outputs, Attributes, Domain)],
                [.. Inputs.Index().Where(i => i.Item.IsConstant).Select(i => i.Item.Constant(i.Index))]);
        }
    }
}

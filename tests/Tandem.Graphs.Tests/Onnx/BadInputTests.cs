using Google.Protobuf;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Onnx.Wire;

namespace Tandem.Graphs.Tests.Onnx;

public sealed class BadInputTests
{
    [Fact]
    public void A_missing_file_is_named()
    {
        var failure = Assert.Throws<TandemException>(() => OnnxFile.Load("/no/such/model.onnx"));
        Assert.Contains("/no/such/model.onnx", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_is_named_as_one()
    {
        var failure = Assert.Throws<InvalidModelException>(() => OnnxFile.Load(Path.GetTempPath()));
        Assert.Contains("is a directory", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("This is a text, and no network at all.", "no ONNX")]
    [InlineData("\u0008\u0007", "no graph")]
    public void A_file_that_holds_no_model_is_refused(string contents, string expected)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, contents);
            var failure = Assert.Throws<InvalidModelException>(() => OnnxFile.Load(path));
            Assert.StartsWith($"'{path}': ", failure.Message, StringComparison.Ordinal);
            AssertOneLine(failure, expected);
            Assert.Throws<InvalidModelException>(() => OnnxFile.Parse(File.ReadAllBytes(path), "text"));
            Assert.Throws<InvalidModelException>(() => OnnxFile.LoadTensor(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(6)]
    [InlineData(22)]
    [InlineData(-1)]
    public void An_opset_out_of_range_is_refused_with_its_number(long version) =>
        Refused(model => model.OpsetImport[0].Version = version, $"version {version} of the operator set 'ai.onnx'");

    [Theory]
    [InlineData(7)]
    [InlineData(21)]
    public void The_first_and_the_last_opset_are_read(long version)
    {
        ModelProto model = Model();
        model.OpsetImport[0].Version = version;
        Assert.Equal(version, Parse(model).Opset);
    }

    [Fact]
    public void The_long_name_of_the_standard_domain_is_the_short_one()
    {
        ModelProto model = Model();
        model.OpsetImport[0].Domain = "ai.onnx";
        model.Graph.Node[0].Domain = "ai.onnx";
        Assert.Equal(13, Parse(model).Opset);
    }

    [Fact]
    public void A_model_without_an_opset_is_refused() =>
        Refused(model => model.OpsetImport.Clear(), "does not say which version");

    [Fact]
    public void An_unknown_operator_is_named_with_its_domain() => Refused(
        model => (model.Graph.Node[1].OpType, model.Graph.Node[1].Domain) = ("Frobnicate", "com.example"),
        "'Frobnicate' of domain 'com.example'");

    [Fact]
    public void Control_flow_is_refused_by_operator() => Refused(
        model =>
        {
            model.Graph.Node[1].OpType = "If";
            model.Graph.Node[1].Attribute.Add(new AttributeProto
            {
                Name = "then_branch",
                Type = AttributeProto.Types.AttributeType.Graph,
                G = ByteString.Empty,
            });
        },
        "(If) runs a graph of its own");

    [Fact]
    public void External_data_is_refused() => Refused(
        model => model.Graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External, "external data");

    [Theory]
    [InlineData(8, "string")]
    [InlineData(16, "bfloat16")]
    [InlineData(99, "number 99")]
    public void An_element_type_that_is_not_supported_is_named(int type, string expected) =>
        Refused(model => model.Graph.Initializer[0].DataType = type, expected);

    [Fact]
    public void Weights_that_are_too_short_are_refused() => Refused(
        model => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(1, 2, 3), "has 3 bytes");

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_weight_that_is_no_number_is_refused_wherever_it_is(float bad)
    {
        for (int place = 0; place < 108; place += 7)
        {
            Refused(
                model => SetWeight(model.Graph.Initializer[0], place, bad),
                $"initializer 'w' holds a value that is no finite number (element {place} of [4,3,3,3])");
        }
    }

    [Fact]
    public void A_float16_weight_that_is_no_number_is_refused() => Refused(
        model =>
        {
            var tensor = new TensorProto { Name = "half", DataType = (int)ElementType.Float16 };
            tensor.Dims.Add(3);
            tensor.Int32Data.AddRange([0x3C00, 0x7E00, 0]);
            model.Graph.Initializer.Add(tensor);
        },
        "initializer 'half' holds a value that is no finite number (element 1 of [3])");

    [Fact]
    public void A_single_infinity_is_a_bound_and_passes()
    {
        ModelProto model = Model();
        var bound = new TensorProto { Name = "bound", DataType = (int)ElementType.Float32 };
        bound.FloatData.Add(float.PositiveInfinity);
        model.Graph.Initializer.Add(bound);
        Assert.Equal(float.PositiveInfinity, Parse(model).Constants["bound"].AsSpan<float>()[0]);
    }

    [Fact]
    public void Two_initializers_of_one_name_are_refused() =>
        Refused(model => model.Graph.Initializer.Add(model.Graph.Initializer[0].Clone()), "'w' is there twice");

    [Fact]
    public void An_output_that_nothing_makes_is_refused() =>
        Refused(model => model.Graph.Output[0].Name = "nowhere", "'nowhere' is made by no operator");

    [Fact]
    public void A_cycle_is_refused() => Refused(model => model.Graph.Node[0].Input[0] = "y", "depends on the operator's own output");

    [Fact]
    public void A_tensor_made_twice_is_refused() => Refused(model => model.Graph.Node[1].Output[0] = "c", "");

    [Fact]
    public void An_input_that_an_operator_makes_too_is_refused() =>
        Refused(model => model.Graph.Input.Add(new ValueInfoProto { Name = "y", Type = model.Graph.Input[0].Type }), "'y'");

    [Fact]
    public void Operators_of_the_models_own_are_refused() =>
        Refused(model => model.Functions.Add(new FunctionProto { Name = "Mine" }), "its own operator 'Mine'");

    /// <summary>Tandem's smallest model in wire form, to be spoilt.</summary>
    internal static ModelProto Model() => ModelWriter.Write(SmallModels.Convolution());

    internal static Graph Parse(ModelProto model) => OnnxFile.Parse(model.ToByteArray(), "test");

    private static void Refused(Action<ModelProto> spoil, string expected)
    {
        ModelProto model = Model();
        spoil(model);
        AssertOneLine(Assert.Throws<InvalidModelException>(() => Parse(model)), expected);
    }

    private static void AssertOneLine(Exception failure, string expected)
    {
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    private static void SetWeight(TensorProto tensor, int place, float value)
    {
        byte[] data = tensor.RawData.ToByteArray();
        BitConverter.TryWriteBytes(data.AsSpan(place * sizeof(float)), value);
        tensor.RawData = ByteString.CopyFrom(data);
    }
}

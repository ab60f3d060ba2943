using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Onnx;
using Tandem.Processors.OnnxRuntime;
using Tandem.Tests;

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Prepared networks against the networks they were made from.</summary>
public sealed class GraphPreparationTests
{
    [Theory]
    [InlineData("candy")]
    [InlineData("mnist")]
    [InlineData("version-RFB-320")]
    [InlineData("light/light_bvlc_alexnet")]
    [InlineData("light/light_densenet121")]
    [InlineData("light/light_inception_v1")]
    [InlineData("light/light_inception_v2")]
    [InlineData("light/light_resnet50")]
    [InlineData("light/light_shufflenet")]
    [InlineData("light/light_squeezenet")]
    [InlineData("light/light_vgg19")]
    [InlineData("light/light_zfnet512")]
    public void Prepared_network_computes_what_its_file_does(string network)
    {
        string file = SharedModels.PathOf($"{network}.onnx");
        using var original = new InferenceSession(file);
        CheckSame(original, OnnxFile.Load(file));
    }

    [Theory]
    [InlineData("densenet121")]
    [InlineData("inception_v1")]
    [InlineData("inception_v2")]
    [InlineData("resnet50")]
    [InlineData("shufflenet")]
    [InlineData("squeezenet")]
    public void Prepared_network_with_seeded_weights_computes_what_it_did(string network)
    {
        Graph graph = SeededWeights.Replace(OnnxFile.Load(SharedModels.PathOf($"light/light_{network}.onnx")));
        using var original = new InferenceSession(OnnxFile.Serialize(graph));
        CheckSame(original, graph);
    }

    [Fact]
    public void Convolution_takes_in_its_batch_normalisation_and_fuses_its_activation()
    {
        Constant weights = SmallGraphs.Weights("w", new Shape(4, 3, 3, 3));
        Constant ones = Constant.Of<float>("ones", ElementType.Float32, new Shape(4), [1, 1, 1, 1]);
        Operator[] operators =
        [
            new("conv", "Conv", ["x", "w"], ["c"]),
            new("norm", "BatchNormalization", ["c", "ones", "ones", "ones", "ones"], ["n"]),
            new("relu", "Relu", ["n"], ["r"]),
            new("pool", "GlobalAveragePool", ["r"], ["y"]),
        ];
        Graph graph = SmallGraphs.Of(new Shape(1, 3, 8, 8), ["y"], operators, weights, ones);
        Network network = GraphPreparation.Prepare(graph);
        Assert.Equal(["Conv+Relu", "GlobalAveragePool"], network.Kernels.Select(kernel => kernel.Type));
        Assert.Equal(graph.Name, network.Graph.Name);
        Assert.Equal([""], network.Graph.Opsets.Keys);
    }

    [Fact]
    public void Fusions_are_the_same_with_and_without_large_weights()
    {
        Graph graph = OnnxFile.Load(SharedModels.PathOf("light/light_resnet50.onnx"));
        Graph prepared = GraphPreparation.Optimize(graph, GraphOptimizationLevel.ORT_ENABLE_BASIC);
        Graph fused = GraphPreparation.Optimize(prepared, GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
        Graph light = GraphPreparation.Optimize(
            GraphPreparation.WithoutLargeConstants(prepared), GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
        Assert.Equal(fused.Operators.Select(op => (op.Type, op.Outputs[0])), light.Operators.Select(op => (op.Type, op.Outputs[0])));
        Assert.Contains(light.Operators, op => op.Type == "FusedConv");
    }

    [Fact]
    public void Temporary_files_are_deleted()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-test-");
        GraphPreparation.Optimize(
            SmallGraphs.Convolution(2, 2, 4), GraphOptimizationLevel.ORT_ENABLE_BASIC, folder);
        Assert.False(Directory.Exists(folder.FullName));
    }

    [Fact]
    public void Temporary_files_are_deleted_when_the_network_is_refused()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-test-");
        Graph refused = new(
            "refused", new Dictionary<string, int> { [""] = 13 },
            [new Tensor("x", ElementType.Float64, new Shape(1, 1, 4, 4))], ["y"],
            [new Operator("conv", "Conv", ["x", "w"], ["y"])],
            [Constant.Of<double>("w", ElementType.Float64, new Shape(1, 1, 1, 1), [1])]);
        var failure = Assert.Throws<InvalidModelException>(
            () => GraphPreparation.Optimize(refused, GraphOptimizationLevel.ORT_ENABLE_BASIC, folder));
        Assert.Contains("'refused'", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.False(Directory.Exists(folder.FullName));
    }

    [Fact]
    public void Half_precision_network_computes_in_single_precision_between_its_own_ends()
    {
        Graph loaded = OnnxFile.Load(SharedModels.PathOf("SqueezeNet_fp16.onnx"));
        Network network = GraphPreparation.Prepare(loaded);
        Assert.Equal(ElementType.Float16, network.Graph.Inputs[0].Type);
        Assert.Equal(ElementType.Float16, network.Graph.Outputs[0].Type);
        Assert.Equal(2, network.Graph.Operators.Count(op => op.Type == "Cast"));
        Assert.Equal(26, network.Kernels.Count(kernel => kernel.Type == "Conv+Relu"));

        Half[] elements = [.. Enumerable.Range(0, 3 * 224 * 224).Select(i => (Half)(i % 255 - 120))];
        using var session = new InferenceSession(OnnxFile.Serialize(loaded));
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(elements, [1, 3, 224, 224]);
        using OrtValue expected = session.Run(null, session.InputNames, [value], session.OutputNames).Single();
        using var prepared = new InferenceSession(OnnxFile.Serialize(network.Graph));
        using OrtValue actual = prepared.Run(null, prepared.InputNames, [value], prepared.OutputNames).Single();
        float[] Widen(OrtValue output) => Array.ConvertAll(output.GetTensorDataAsSpan<Half>().ToArray(), half => (float)half);
        Compare.CloseToScale(Widen(expected), Widen(actual), 2e-2);
    }

    [Fact]
    public void Levels_that_depend_on_the_machine_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => GraphPreparation.Optimize(
            SmallGraphs.Convolution(1, 1, 3), GraphOptimizationLevel.ORT_ENABLE_ALL));

    private static void CheckSame(InferenceSession original, Graph loaded)
    {
        Network network = GraphPreparation.Prepare(loaded);
        Assert.All(network.Graph.Operators, op => Assert.Equal("", op.Domain));
        Assert.Equal(loaded.Inputs, network.Graph.Inputs);
        Assert.Equal(loaded.Outputs, network.Graph.Outputs);
        Assert.Equal(
            network.Graph.Operators.ToHashSet(), network.Kernels.SelectMany(kernel => kernel.Operators).ToHashSet());

        Tensor input = Assert.Single(loaded.Inputs);
        float[] elements = new float[input.Shape.ElementCount];
        SmallGraphs.Fill(elements, 21);
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        float[][] actual = SliceRunner.Run(processor, network.Graph, [elements]);

        using OrtValue value = OrtValue.CreateTensorValueFromMemory(elements, [.. input.Shape]);
        IReadOnlyList<OrtValue> expected = original.Run(null, [input.Name], [value], original.OutputNames);
        for (int i = 0; i < expected.Count; i++)
        {
            using OrtValue output = expected[i];
            Compare.CloseToScale(output.GetTensorDataAsSpan<float>(), actual[i], 1e-5);
        }
    }
}

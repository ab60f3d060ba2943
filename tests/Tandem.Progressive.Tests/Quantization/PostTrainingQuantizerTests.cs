using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Quantization.Calibration;
using Tandem.Processors.OnnxRuntime;
using Tandem.Progressive.Quantization;

namespace Tandem.Progressive.Tests.Quantization;

public sealed class PostTrainingQuantizerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-quantize-");

    public static TheoryData<string, QuantizedFormat> ZooInBothFormats => new(
        from name in ModelZoo.Names from format in Enum.GetValues<QuantizedFormat>() select (name, format));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Noise_of_random_networks_is_20_decibels_below_the_signal()
    {
        // Expected by one network and twelve inputs that it was not calibrated with.
        for (int seed = 0; seed < 25; seed++)
        {
            Graph graph = RandomNetworks.Make(seed);
            byte[] original = OnnxFile.Serialize(graph);
            byte[] quantized = OnnxFile.Serialize(Quantize(graph, new MinMaxCalibration(), new QuantizationOptions(), seed));
            var others = RandomNetworks.Inputs(graph, 5000 + seed, 12);
            float[] expected = [.. others.SelectMany(input => RandomNetworks.Run(original, graph, input))];
            float[] actual = [.. others.SelectMany(input => RandomNetworks.Run(quantized, graph, input))];
            double decibels = RandomNetworks.SignalToNoise(expected, actual);
            Assert.True(decibels > 20, $"{graph.Name}: {decibels:0.0} dB");
        }
    }

    [Fact]
    public void Scales_per_channel_are_better_where_channels_differ()
    {
        Graph graph = WithUnequalChannels(RandomNetworks.Make(4));
        Assert.True(
            Decibels(graph, new QuantizationOptions()) > Decibels(graph, new QuantizationOptions { WeightsPerChannel = false }) + 3);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Every_option_gives_a_network_that_answers_nearly_the_same(bool symmetric, bool reduced)
    {
        var options = new QuantizationOptions { SymmetricActivations = symmetric, ReducesWeightRange = reduced };
        Assert.InRange(Decibels(RandomNetworks.Make(7), options), 17, 100);
    }

    [Theory]
    [MemberData(nameof(ZooInBothFormats))]
    public void ONNX_Runtime_runs_every_network_of_the_zoo(string name, QuantizedFormat format)
    {
        Graph graph = ModelZoo.Make(name, name == "googlenet" ? 48 : 32);
        string path = Path.Combine(_folder.FullName, "net.onnx");
        QuantizedFile.Save(Quantize(graph, new MinMaxCalibration(), new QuantizationOptions(), 1), path, format);
        byte[] quantized = File.ReadAllBytes(path);
        Assert.True(quantized.Length < OnnxFile.Serialize(graph).Length / 2.5);
        float[] expected = RandomNetworks.Run(OnnxFile.Serialize(graph), graph, RandomNetworks.Inputs(graph, 1, 1)[0]);
        float[] actual = RandomNetworks.Run(quantized, graph, RandomNetworks.Inputs(graph, 1, 1)[0]);
        Assert.InRange(RandomNetworks.SignalToNoise(expected, actual), 15, 100);
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));
    }

    [Theory]
    [InlineData(QuantizedFormat.Qdq)]
    [InlineData(QuantizedFormat.QOperator)]
    public void Exits_and_their_description_travel_in_the_file(QuantizedFormat format)
    {
        var net = new GraphBuilder("progressive");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 8, 8), 8, 3, pad: 1));
        Tensor early = net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 4);
        Tensor last = net.Gemm(net.Flatten(net.GlobalAveragePool(net.Relu(net.Conv(x, 8, 3, pad: 1)))), 4);
        Graph graph = new ProgressiveDescription([new Exit(early.Name, 1000) { Threshold = 0.7 }, new Exit(last.Name, 2000)])
            .Describe(net.Build(1, last, early));
        string path = Path.Combine(_folder.FullName, "net.onnx");
        QuantizedFile.Save(Quantize(graph, new MinMaxCalibration(), new QuantizationOptions(), 1), path, format);
        using var session = new InferenceSession(path);
        Assert.Equal([last.Name, early.Name], session.OutputNames);
        Assert.True(File.ReadAllBytes(path).AsSpan().IndexOf("\"threshold\":0.7"u8) > 0);
        if (format == QuantizedFormat.Qdq)
        {
            Graph read = OnnxFile.Load(path);
            Assert.Equal(graph.Outputs, read.Outputs);
            Assert.Equal(ProgressiveDescription.Of(graph)!.Exits, ProgressiveDescription.Of(read)!.Exits);
        }
    }

    [Fact]
    public void A_network_without_products_is_refused()
    {
        var net = new GraphBuilder("activation");
        Graph graph = net.Build(1, net.Relu(net.Input("image", 1, 3, 4, 4)));
        RequireRefused("no convolution or matrix product", graph, RandomNetworks.Inputs(graph, 1, 1));
    }

    [Fact]
    public void No_input_to_calibrate_with_is_refused() => RequireRefused("at least one", RandomNetworks.Make(1), []);

    [Fact]
    public void An_old_operator_set_is_refused()
    {
        Graph graph = RandomNetworks.Make(1);
        var old = new Graph(
            graph.Name, new Dictionary<string, int> { [""] = 11 }, graph.Inputs, [.. graph.Outputs.Select(o => o.Name)], graph.Operators,
            graph.Constants.Values);
        RequireRefused("operator set 11", old, RandomNetworks.Inputs(graph, 1, 1));
    }

    [Fact]
    public void A_folder_that_is_not_there_cannot_be_written_to()
    {
        Graph quantized = Quantize(RandomNetworks.Make(1), new MinMaxCalibration(), new QuantizationOptions(), 1);
        foreach (QuantizedFormat format in Enum.GetValues<QuantizedFormat>())
        {
            var error = Assert.ThrowsAny<TandemException>(
                () => QuantizedFile.Save(quantized, Path.Combine(_folder.FullName, "none", "net.onnx"), format));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    private static void RequireRefused(string part, Graph graph, IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> inputs)
    {
        var error = Assert.Throws<QuantizationException>(
            () => PostTrainingQuantizer.Quantize(graph, inputs, new MinMaxCalibration(), new QuantizationOptions()));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static Graph Quantize(Graph graph, ICalibrationMethod method, QuantizationOptions options, int seed) =>
        PostTrainingQuantizer.Quantize(graph, RandomNetworks.Inputs(graph, 100 * seed, 8), method, options);

    private static double Decibels(Graph graph, QuantizationOptions options)
    {
        byte[] quantized = OnnxFile.Serialize(Quantize(graph, new MinMaxCalibration(), options, 3));
        var others = RandomNetworks.Inputs(graph, 9000, 12);
        return RandomNetworks.SignalToNoise(
            [.. others.SelectMany(input => RandomNetworks.Run(OnnxFile.Serialize(graph), graph, input))],
            [.. others.SelectMany(input => RandomNetworks.Run(quantized, graph, input))]);
    }

    // Each second output channel of a convolution a hundred times smaller: one scale for all leaves it a step or two.
    private static Graph WithUnequalChannels(Graph graph) => new(
        graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(output => output.Name)], graph.Operators,
        graph.Constants.Values.Select(constant =>
        {
            if (constant.Tensor.Shape.Rank != 4)
            {
                return constant;
            }
            float[] weights = constant.AsSpan<float>().ToArray();
            int filter = weights.Length / (int)constant.Tensor.Shape[0];
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] *= i / filter % 2 == 0 ? 1 : 0.01f;
            }
            return Constant.Of<float>(constant.Tensor.Name, ElementType.Float32, constant.Tensor.Shape, weights);
        }));
}

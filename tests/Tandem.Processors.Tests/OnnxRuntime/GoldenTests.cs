using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Processors.OnnxRuntime;
using Tandem.Tests;

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Real network files through the binding alone, against the outputs that come with them.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string, double> LightNetworks => new()
    {
        { "bvlc_alexnet", 1e-3 },
        { "densenet121", 2e-3 },
        { "inception_v1", 1e-3 },
        { "inception_v2", 1e-3 },
        { "resnet50", 1e-3 },
        { "shufflenet", 1e-3 },
        { "squeezenet", 1e-3 },
        { "vgg19", 1e-3 },
        { "zfnet512", 1e-3 },
    };

    [Theory]
    [MemberData(nameof(LightNetworks))]
    public void Network_file_gives_the_outputs_that_come_with_it(string network, double tolerance)
    {
        string file = SharedModels.PathOf($"light/light_{network}.onnx");
        Constant expected = OnnxFile.LoadTensor(SharedModels.PathOf($"light/light_{network}_output_0.pb"));
        using var session = new InferenceSession(file);
        string input = Assert.Single(session.InputNames);
        Assert.Equal([1, 3, 224, 224], session.InputMetadata[input].Dimensions);
        Assert.Equal(TensorElementType.Float, session.InputMetadata[input].ElementDataType);

        float[] elements = [.. Enumerable.Range(0, 3 * 224 * 224).Select(i => i / (float)(3 * 224 * 224))];
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(elements, [1, 3, 224, 224]);
        OrtValue output = Assert.Single(session.Run(null, [input], [value], session.OutputNames));
        using (output)
        {
            Assert.Equal(expected.Tensor.Shape, output.GetTensorTypeAndShape().Shape);
            Compare.Close(expected.AsSpan<float>(), output.GetTensorDataAsSpan<float>(), tolerance, 1e-7);
        }
    }

    [Fact]
    public void Half_precision_network_runs_on_half_precision_memory()
    {
        using var session = new InferenceSession(SharedModels.PathOf("SqueezeNet_fp16.onnx"));
        Assert.Equal(TensorElementType.Float16, session.InputMetadata["data_0"].ElementDataType);
        Half[] elements = [.. Enumerable.Range(0, 3 * 224 * 224).Select(i => (Half)(i % 255))];
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(elements, [1, 3, 224, 224]);
        OrtValue output = Assert.Single(session.Run(null, ["data_0"], [value], session.OutputNames));
        using (output)
        {
            float sum = 0;
            foreach (Half probability in output.GetTensorDataAsSpan<Half>())
            {
                sum += (float)probability;
            }
            Assert.InRange(sum, 0.98f, 1.02f);
        }
    }

    [Fact]
    public void Open_dimensions_are_told()
    {
        using var session = new InferenceSession(SharedModels.PathOf("candy.onnx"));
        Assert.Equal([-1, 3, 720, 720], session.InputMetadata["inputImage"].Dimensions);
        Assert.Equal("None", session.InputMetadata["inputImage"].SymbolicDimensions[0]);
    }

    [Fact]
    public void Truncated_file_is_refused_in_one_line()
    {
        byte[] model = File.ReadAllBytes(SharedModels.PathOf("mnist.onnx"));
        var failure = Assert.Throws<OnnxRuntimeException>(() => new InferenceSession(model[..(model.Length / 2)]));
        Assert.Equal(OrtErrorCode.InvalidProtobuf, failure.ErrorCode);
        Assert.DoesNotContain('\n', failure.Message);
    }
}

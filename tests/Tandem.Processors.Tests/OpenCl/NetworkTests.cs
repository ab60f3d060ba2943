using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Processors.OnnxRuntime;
using Tandem.Processors.Tests.OnnxRuntime;
using Tandem.Tests;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Whole networks against ONNX Runtime; the light ones with seeded weights.</summary>
public sealed class NetworkTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const double NetworkTolerance = 1e-3;

    [Theory]
    [InlineData("light/light_densenet121.onnx")]
    [InlineData("light/light_inception_v1.onnx")]
    [InlineData("light/light_inception_v2.onnx")]
    [InlineData("light/light_resnet50.onnx")]
    [InlineData("light/light_shufflenet.onnx")]
    [InlineData("light/light_squeezenet.onnx")]
    [InlineData("version-RFB-320.onnx")]
    [InlineData("mnist.onnx")]
    public void Prepared_network_equals_reference(string file)
    {
        OpenClFixture.RequireDevice();
        Graph loaded = SeededWeights.Replace(OnnxFile.Load(SharedModels.PathOf(file)));
        Check(GraphPreparation.Prepare(loaded).Graph, NetworkTolerance);
    }

    [Fact]
    public void Network_that_is_not_prepared_equals_reference()
    {
        OpenClFixture.RequireDevice();
        Graph loaded = SeededWeights.Replace(OnnxFile.Load(SharedModels.PathOf("light/light_inception_v2.onnx")));
        Check(loaded, NetworkTolerance);
    }

    [Fact]
    public void Network_in_half_precision_is_run_in_single_precision()
    {
        OpenClFixture.RequireDevice();
        Graph prepared = GraphPreparation.Prepare(OnnxFile.Load(SharedModels.PathOf("SqueezeNet_fp16.onnx"))).Graph;
        using ICompiledSlice slice = Fixture.Processor.Compile(prepared);
        using ICompiledSlice reference = Fixture.Reference.Compile(prepared);
        Half[] actual = Run(slice), expected = Run(reference);
        Assert.Equal([.. expected.Select(v => (double)v)], actual.Select(v => (double)v), (a, b) => Math.Abs(a - b) < 2e-3);
    }

    private static Half[] Run(ICompiledSlice slice)
    {
        using var x = new SharedBuffer(slice.Graph.Inputs[0].SizeInBytes);
        using var y = new SharedBuffer(slice.Graph.Outputs[0].SizeInBytes);
        Span<Half> elements = x.AsSpan<Half>();
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = (Half)(i * 7 % 255);
        }
        using IBoundSlice bound = slice.Bind(
            SliceRunner.Views([x], slice.Graph.Inputs), SliceRunner.Views([y], slice.Graph.Outputs));
        bound.Run();
        return y.AsSpan<Half>().ToArray();
    }
}

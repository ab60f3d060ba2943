using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Planning;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests;

/// <summary>Networks of which an output is an input or a constant, as it stands in the file or when constants are folded.</summary>
public sealed class UncomputedOutputTests
{
    // More than what graph preparation takes for a large constant.
    private const int LargeCount = 1 << 15;

    private static readonly float[] Small = [3, -1, 4, 1];
    private static readonly float[] Large = [.. Enumerable.Range(0, LargeCount).Select(i => i / 7f)];

    [Theory]
    [InlineData(PolicyNames.Cpu)]
    [InlineData(PolicyNames.MuLayer)]
    [InlineData(PolicyNames.RowChains)]
    [InlineData(PolicyNames.Tandem)]
    public void Outputs_that_no_operator_makes_are_there_beside_the_others(string policy)
    {
        using LocalDevice device = TestDevice.Open();
        using var session = new CooperativeSession(
            Model(), new() { Device = device, Deployment = TestDevice.Quick, Policy = policy });
        foreach (float value in new[] { 2f, -5f })
        {
            float[] image = [.. Enumerable.Repeat(value, 3 * 8 * 8)];
            using OrtValue first = OrtValue.CreateTensorValueFromMemory(image, [1, 3, 8, 8]);
            using OrtValue second = OrtValue.CreateTensorValueFromMemory(new[] { value, 1 }, [2]);
            IReadOnlyList<OrtValue> outputs = session.Run(
                new Dictionary<string, OrtValue> { ["image"] = first, ["passed"] = second }, TestContext.Current.CancellationToken);
            float[][] actual = [.. outputs.Select(o => o.GetTensorDataAsSpan<float>().ToArray())];
            Assert.Equal([Math.Max(value, 0) + 3, Math.Max(value, 0) - 1], [actual[0][0], actual[0][1]]);
            Assert.Equal(image, actual[1]);
            Assert.Equal([value, 1], actual[2]);
            Assert.Equal(Small, actual[3]);
            Assert.Equal(Large, actual[4]);
            Assert.Equal(Small.Select(v => 2 * v), actual[5]);
            foreach (OrtValue output in outputs)
            {
                output.Dispose();
            }
        }
    }

    [Fact]
    public void Network_that_computes_nothing_is_refused()
    {
        var net = new GraphBuilder("still");
        Tensor input = net.Input("image", 4);
        Tensor constant = net.Constant(Constant.Of<float>("small", ElementType.Float32, new Shape(4), Small));
        Tensor sum = net.Add("Add", constant.Shape, [constant, constant]);
        using LocalDevice device = TestDevice.Open();
        foreach (Tensor output in new[] { input, constant, sum })
        {
            var refused = Assert.Throws<InvalidModelException>(() => new Deployment(net.Build(1, output), device, TestDevice.Quick));
            Assert.Equal("network 'still' has nothing to run: each of its outputs is an input or a constant", refused.Message);
        }
    }

    private static Graph Model()
    {
        var net = new GraphBuilder("uncomputed");
        Tensor image = net.Input("image", 1, 3, 8, 8);
        Tensor passed = net.Input("passed", 2);
        Tensor small = net.Constant(Constant.Of<float>("small", ElementType.Float32, new Shape(4), Small));
        Tensor large = net.Constant(Constant.Of<float>("large", ElementType.Float32, new Shape(LargeCount), Large));
        Tensor twice = net.Add("Add", small.Shape, [small, small]);
        Tensor flat = net.Add("GlobalMaxPool", new Shape(1, 3, 1, 1), [net.Relu(image)]);
        Tensor computed = net.Add("Add", new Shape(1, 3, 1, 4), [flat, small]);
        return net.Build(1, computed, image, passed, small, large, twice);
    }
}

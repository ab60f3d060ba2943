using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Processors.Tests.Quantization;

/// <summary>Whole networks on integer kernels against float32, on seeded inputs.</summary>
public sealed class QuantizedNetworkTests(ITestOutputHelper output)
{
    private const int Inputs = 4;

    [Theory]
    [InlineData("tandem-demo", 64)]
    [InlineData("squeezenet1.1", 64)]
    [InlineData("resnet50", 64)]
    [InlineData("mobilenetv2", 64)]
    public void Network_answers_nearly_as_in_float32(string name, int size)
    {
        Network network = GraphPreparation.Prepare(ModelZoo.Make(name, size));
        QuantizedRun[] runs = [.. Enumerable.Range(0, Inputs).Select(seed => new QuantizedRun(network.Graph, 10 * seed))];
        int agreed = runs.Count(run => IndexOfMax(run.Expected) == IndexOfMax(run.Actual));
        output.WriteLine($"{name}: top-1 agrees on {agreed} of {Inputs}, relative error "
            + string.Join(' ', runs.Select(run => run.RelativeError.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture))));
        Assert.All(runs, run => Assert.InRange(run.RelativeError, 1e-6, 0.1));
        Assert.Contains(runs[0].Quantized.Operators, op => op.Type == "QuantizeLinear");
        Assert.DoesNotContain(runs[0].Quantized.Operators, op => op.Type == "Relu");
        Assert.Equal(network.Graph.Outputs, runs[0].Quantized.Outputs);
        Assert.Equal(network.Graph.Inputs, runs[0].Quantized.Inputs);
    }

    private static int IndexOfMax(float[] elements) => Array.IndexOf(elements, elements.Max());
}

using System.Runtime.InteropServices;
using Tandem.Graphs;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Planning;

namespace Tandem.Execution.Tests;

/// <summary>Plans with 8-bit steps on real processors.</summary>
public sealed class QuantizedPlanTests
{
    private const double Tolerance = 0.1;

    [Theory]
    [InlineData(PolicyNames.MuLayerInt8)]
    [InlineData(PolicyNames.CpuInt8)]
    [InlineData(PolicyNames.OrtInt8AllCores)]
    public void Policy_gives_nearly_the_reference_s_outputs(string policy)
    {
        using LocalDevice device = TestDevice.Open();
        using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, device, TestDevice.Quick);
        Plan plan = deployment.PlanBy(policy, TestContext.Current.CancellationToken);
        Assert.True(plan.IsQuantized);
        RequireNear(deployment, plan);
        Assert.All(deployment.PlainPlans(), plain => Assert.False(plain.IsQuantized));
    }

    [Fact]
    public void Slices_of_8_bits_stand_beside_slices_in_float32()
    {
        using LocalDevice device = TestDevice.Open();
        using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, device, TestDevice.Quick);
        Plan halves = TestDevice.Halves(TestDevice.Network);
        Plan mixed = halves with
        {
            Steps = [.. halves.Steps.Select(step => step.Processor == "cpu" && step.Slice.Axis == SliceAxis.None
                || step.Processor == "cpu" && step.Slice.Axis == SliceAxis.Channels
                ? step with { Slice = step.Slice with { Precision = NumericPrecision.Int8 } }
                : step)],
        };
        Assert.True(mixed.IsQuantized);
        RequireNear(deployment, mixed);
    }

    [Fact]
    public void Ranges_are_those_of_the_calibration_inputs()
    {
        Graph graph = TestDevice.Network.Graph;
        float[] input = TestDevice.Input(3);
        ReadOnlyMemory<byte> bytes = MemoryMarshal.AsBytes(input.AsSpan()).ToArray();
        var quantizer = new NetworkQuantizer(TestDevice.Network, [[bytes]]);
        Assert.Equal(ValueRange.Of(input), quantizer.Ranges[graph.Inputs[0].Name]);
        Assert.Equal(ValueRange.Of(TestDevice.Reference(input)), quantizer.Ranges[graph.Outputs[0].Name], Near);
        Assert.True(graph.Operators.All(op => quantizer.Ranges.ContainsKey(op.Outputs[0])));
    }

    private static bool Near(ValueRange a, ValueRange b) => Math.Abs(a.Min - b.Min) < 1e-4 && Math.Abs(a.Max - b.Max) < 1e-4;

    /// <summary>The part of the outputs' energy that is error, as a root, is small but not nothing.</summary>
    private static void RequireNear(Deployment deployment, Plan plan)
    {
        float[] input = TestDevice.Input(2);
        float[] expected = TestDevice.Reference(input);
        var outputs = deployment.Run(plan, e => input.CopyTo(e.Memory("image").AsSpan<float>()));
        float[] actual = MemoryMarshal.Cast<byte, float>(Assert.Single(outputs).Value.Span).ToArray();
        double error = Math.Sqrt(expected.Zip(actual, (e, a) => Math.Pow(e - a, 2)).Sum() / expected.Sum(e => Math.Pow(e, 2)));
        Assert.InRange(error, 1e-7, Tolerance);
    }
}

using System.Runtime.InteropServices;
using Tandem.Graphs.Quantization;
using Tandem.Planning;
using Tandem.Processors.OpenCl;

namespace Tandem.Execution.Tests;

/// <summary>Plans with steps in half precision, on a CPU-backed OpenCL device with the kernels for GPUs.</summary>
public sealed class HalfPlanTests
{
    private const double Tolerance = 1e-2;

    // Without measuring which variants of kernels are the fastest, which says nothing of outputs.
    private static readonly DeploymentOptions Quick = TestDevice.Quick with
    {
        Profiling = TestDevice.Quick.Profiling with { TuningTimeLimit = TimeSpan.Zero },
    };

    [Theory]
    [InlineData(PolicyNames.MuLayerFp16, NumericPrecision.Float32, Tolerance)]
    [InlineData(PolicyNames.MuLayerInt8, NumericPrecision.Int8, 0.1)]
    public void Policy_gives_nearly_the_reference_s_outputs(string policy, NumericPrecision ofCpu, double tolerance)
    {
        using LocalDevice device = OpenWithGpu();
        using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, device, Quick);
        Plan plan = deployment.PlanBy(policy, TestContext.Current.CancellationToken);
        Assert.True(plan.IsQuantized);
        Assert.All(plan.Steps, step => Assert.Equal(
            step.Processor == "gpu" ? NumericPrecision.Float16 : ofCpu, step.Slice.Precision));
        Assert.InRange(ErrorOf(deployment, plan), 0, tolerance);
    }

    [Fact]
    public void Halves_in_half_precision_stand_beside_halves_in_float32()
    {
        using LocalDevice device = OpenWithGpu();
        using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, device, Quick);
        Plan halves = TestDevice.Halves(TestDevice.Network);
        Plan mixed = halves with
        {
            Steps = [.. halves.Steps.Select(step => step.Processor == "gpu"
                ? step with { Slice = step.Slice with { Precision = NumericPrecision.Float16 } }
                : step)],
        };
        Assert.True(mixed.IsQuantized);
        Assert.InRange(ErrorOf(deployment, mixed), 1e-7, Tolerance);
    }

    [Fact]
    public void Processors_without_half_precision_have_no_such_plan()
    {
        using LocalDevice device = TestDevice.Open();
        using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, device, Quick);
        var e = Assert.Throws<PlanException>(
            () => deployment.PlanBy(PolicyNames.MuLayerFp16, TestContext.Current.CancellationToken));
        Assert.Contains("half precision", e.Message, StringComparison.Ordinal);
    }

    private static LocalDevice OpenWithGpu()
    {
        Assert.SkipWhen(OpenClDevice.Enumerate().Devices.Count == 0, OpenClDevice.Enumerate().ReasonForNone ?? "");
        return new LocalDevice([TestDevice.Processor("cpu"), new OpenClProcessor(new OpenClProcessorOptions { TreatAsGpu = true })], null);
    }

    /// <summary>The largest error of an element, relative to the element or to a hundredth of the largest.</summary>
    private static double ErrorOf(Deployment deployment, Plan plan)
    {
        float[] input = TestDevice.Input(2);
        var outputs = deployment.Run(plan, e => input.CopyTo(e.Memory("image").AsSpan<float>()));
        ReadOnlySpan<float> actual = MemoryMarshal.Cast<byte, float>(Assert.Single(outputs).Value.Span);
        return OutputComparison.MaxRelativeError(actual, TestDevice.Reference(input));
    }
}

using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;
using Tandem.Prediction;

namespace Tandem.Planning.Tests;

/// <summary>Policies with steps in half precision.</summary>
public sealed class HalfPrecisionPolicyTests
{
    [Fact]
    public void Only_processors_with_half_precision_get_such_steps()
    {
        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayerFp16).MakePlan(PrecisionCase.Make(hasHalf: true));
        Assert.True(plan.IsQuantized);
        Assert.Contains(plan.Steps, step => step.Processor == "gpu");
        Assert.All(plan.Steps, step => Assert.Equal(
            step.Processor == "gpu" ? NumericPrecision.Float16 : NumericPrecision.Float32, step.Slice.Precision));
    }

    [Theory]
    [InlineData(true, NumericPrecision.Float16)]
    [InlineData(false, NumericPrecision.Float32)]
    public void Processor_friendly_quantisation_takes_what_each_processor_has(bool hasHalf, NumericPrecision ofGpu)
    {
        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayerInt8).MakePlan(PrecisionCase.Make(hasHalf));
        Assert.All(plan.Steps, step => Assert.Equal(
            step.Processor == "gpu" ? ofGpu : NumericPrecision.Int8, step.Slice.Precision));
    }

    [Fact]
    public void Device_without_half_precision_has_no_such_plan()
    {
        var e = Assert.Throws<PlanException>(() => PolicyRegistry.Find(PolicyNames.MuLayerFp16).MakePlan(PrecisionCase.Make(hasHalf: false)));
        Assert.Contains("half precision", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Missing_measurements_are_said_in_one_line()
    {
        var e = Assert.Throws<PlanException>(() => PolicyRegistry.Find(PolicyNames.MuLayerFp16).MakePlan(PrecisionCase.Unmeasured()));
        Assert.Contains("measurements of half precision kernels", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_compared_policy_needs_half_precision() =>
        Assert.All(PolicyRegistry.Compared, policy => Assert.False(policy.NeedsHalfMeasurements));

    [Fact]
    public void Plan_file_keeps_the_precision()
    {
        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayerFp16).MakePlan(PrecisionCase.Make(hasHalf: true));
        Plan read = PlanFile.FromJson(PlanFile.ToJson(plan));
        Assert.Equal(plan.Steps.Select(s => s.Slice), read.Steps.Select(s => s.Slice));
    }

    [Fact]
    public void Every_precision_has_measurements_of_its_own()
    {
        var keys = new SliceKeys(PrecisionCase.Network);
        var half = new SliceSpec(new KernelRange(0, 1), SliceAxis.Channels, Share.FirstHalf);
        NumericPrecision[] all = Enum.GetValues<NumericPrecision>();
        Assert.Equal(all.Length, all.Select(p => keys.Of(half with { Precision = p })).Distinct().Count());
        Assert.EndsWith("int8", (half with { Precision = NumericPrecision.Int8 }).ToString(), StringComparison.Ordinal);
        Assert.EndsWith("fp16", (half with { Precision = NumericPrecision.Float16 }).ToString(), StringComparison.Ordinal);
    }
}

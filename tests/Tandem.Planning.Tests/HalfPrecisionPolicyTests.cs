using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

/// <summary>Policies with steps in half precision.</summary>
public sealed class HalfPrecisionPolicyTests
{
    private const double HalfMs = 0.2;
    private const double Int8Ms = 0.25;

    private readonly Network _network = KernelDetector.Detect(ModelZoo.Make("squeezenet1.1", 64));

    [Fact]
    public void Only_processors_with_half_precision_get_such_steps()
    {
        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayerFp16).MakePlan(Problem(hasHalf: true));
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
        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayerInt8).MakePlan(Problem(hasHalf));
        Assert.All(plan.Steps, step => Assert.Equal(
            step.Processor == "gpu" ? ofGpu : NumericPrecision.Int8, step.Slice.Precision));
    }

    [Fact]
    public void Device_without_half_precision_has_no_such_plan()
    {
        var e = Assert.Throws<PlanException>(() => PolicyRegistry.Find(PolicyNames.MuLayerFp16).MakePlan(Problem(hasHalf: false)));
        Assert.Contains("half precision", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Missing_measurements_are_said_in_one_line()
    {
        PlanningProblem problem = PlanningCase.Make(_network, 1);
        problem = problem with { Cooperating = [.. problem.Cooperating.Select(p => p with { HasHalfPrecision = true })] };
        var e = Assert.Throws<PlanException>(() => PolicyRegistry.Find(PolicyNames.MuLayerFp16).MakePlan(problem));
        Assert.Contains("measurements of half precision kernels", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_compared_policy_needs_half_precision() =>
        Assert.All(PolicyRegistry.Compared, policy => Assert.False(policy.NeedsHalfMeasurements));

    [Fact]
    public void Plan_file_keeps_the_precision()
    {
        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayerFp16).MakePlan(Problem(hasHalf: true));
        Plan read = PlanFile.FromJson(PlanFile.ToJson(plan));
        Assert.Equal(plan.Steps.Select(s => s.Slice), read.Steps.Select(s => s.Slice));
    }

    [Fact]
    public void Every_precision_has_measurements_of_its_own()
    {
        var keys = new SliceKeys(_network);
        var half = new SliceSpec(new KernelRange(0, 1), SliceAxis.Channels, Share.FirstHalf);
        NumericPrecision[] all = Enum.GetValues<NumericPrecision>();
        Assert.Equal(all.Length, all.Select(p => keys.Of(half with { Precision = p })).Distinct().Count());
        Assert.EndsWith("fp16", (half with { Precision = NumericPrecision.Float16 }).ToString(), StringComparison.Ordinal);
    }

    /// <summary>A problem in which kernels in 8 bits take a quarter of a millisecond on the CPU, and in half precision a fifth on the GPU.</summary>
    private PlanningProblem Problem(bool hasHalf)
    {
        PlanningProblem problem = PlanningCase.Make(_network, 1);
        foreach (Kernel kernel in _network.Kernels)
        {
            KernelRange range = new(kernel.Index, kernel.Index + 1);
            foreach (SliceSpec slice in new[] { SliceSpec.Of(range), new SliceSpec(range, SliceAxis.Channels, Share.FirstHalf) })
            {
                Add("key of cpu", slice with { Precision = NumericPrecision.Int8 }, Int8Ms);
                Add("key of gpu", slice with { Precision = NumericPrecision.Float16 }, HalfMs);
            }
        }
        return problem with
        {
            Cooperating =
            [
                problem.Cooperating[0] with { HasIntegerKernels = true }, problem.Cooperating[1] with { HasHalfPrecision = hasHalf },
            ],
        };

        void Add(string processor, SliceSpec slice, double ms) => problem.Predictor.Profile.Add(
            KnownLatencies.Sample(processor, problem.Predictor.Keys.Of(slice), slice.Precision.ShortName(), ms * slice.Share.Size));
    }
}

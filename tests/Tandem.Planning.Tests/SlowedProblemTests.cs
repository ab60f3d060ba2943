using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;

namespace Tandem.Planning.Tests;

/// <summary>Planning for processors that are slower than they were measured.</summary>
public sealed class SlowedProblemTests
{
    [Fact]
    public void Predictions_grow_by_the_factor_of_their_processor_only() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        PlanningProblem slowed = problem.SlowedBy(new Dictionary<string, double> { ["cpu"] = 2.5 });
        for (int k = 0; k < problem.Network.Kernels.Count; k++)
        {
            SliceSpec slice = SliceSpec.Of(new KernelRange(k, k + 1));
            Assert.Equal(2.5 * problem.Predictor.Predict("key of cpu", slice).MeanMs, slowed.Predictor.Predict("key of cpu", slice).MeanMs, 9);
            Assert.Equal(problem.Predictor.Predict("key of gpu", slice), slowed.Predictor.Predict("key of gpu", slice));
        }
        Assert.Null(slowed.Predictor.Refusal("key of cpu", slowed.AllKernels));
    });

    [Fact]
    public void Slow_processor_gets_no_more_work_than_before() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        IPolicy policy = PolicyRegistry.Find(PolicyNames.Segments);
        Plan before = policy.MakePlan(problem);
        Plan after = policy.MakePlan(problem.SlowedBy(new Dictionary<string, double> { ["cpu"] = 50 }));
        Assert.InRange(BusyOf(after, problem), 0, BusyOf(before, problem) + 1e-9);
    });

    private static double BusyOf(Plan plan, PlanningProblem problem) =>
        plan.Steps.Where(s => s.Processor == "cpu").Sum(s => problem.Predictor.Predict("key of cpu", s.Slice).MeanMs);
}

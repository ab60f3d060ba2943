using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Tests;

public sealed class ThroughputPlannerTests
{
    [Fact]
    public void Each_processor_alone_all_together_and_a_pipeline_are_candidates() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        Dictionary<string, ThroughputPlan> plans = ThroughputPlanner.Candidates(problem).ToDictionary(plan => plan.Name);
        Assert.Superset(
            new HashSet<string> { PolicyNames.Cpu, PolicyNames.Gpu, PolicyNames.OrtAllCores, PolicyNames.BatchSplit }, plans.Keys.ToHashSet());
        Assert.Equal(PerSecond("key of cpu"), plans[PolicyNames.Cpu].PredictedPerSecond, 6);
        ThroughputPlan split = plans[PolicyNames.BatchSplit];
        Assert.Equal(PerSecond("key of cpu") + PerSecond("key of gpu"), split.PredictedPerSecond, 6);
        Assert.Equal(split.Lanes.OrderBy(lane => lane.PredictedMs), split.Lanes);
        Assert.All(split.Lanes, lane => Assert.Equal(1, ThroughputPlan.InFlight(lane)));

        double PerSecond(string key) => 1000 / problem.Predictor.Predict(key, SliceSpec.Of(problem.AllKernels)).MeanMs;
    });

    [Fact]
    public void Pipeline_runs_every_kernel_once_in_order_and_beats_one_processor() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        if (PipelinePlanner.Make(problem) is not { } plan)
        {
            return;
        }
        Assert.Equal(PolicyNames.Pipeline, plan.Policy);
        Assert.Equal(["cpu", "gpu"], plan.Processors.Order());
        Assert.InRange(plan.Steps.Count, 2, 4);
        Assert.Equal(0, plan.Steps[0].Slice.Kernels.First);
        Assert.Equal(problem.Network.Kernels.Count, plan.Steps[^1].Slice.Kernels.End);
        Assert.All(plan.Steps.Zip(plan.Steps.Skip(1)), pair =>
        {
            Assert.Equal(pair.First.Slice.Kernels.End, pair.Second.Slice.Kernels.First);
            Assert.NotEqual(pair.First.Processor, pair.Second.Processor);
        });
        Assert.Equal(3, ThroughputPlan.InFlight(plan));
        double alone = problem.Cooperating.Min(p => problem.Predictor.Predict(p.Key, SliceSpec.Of(problem.AllKernels)).MeanMs);
        Assert.InRange(PipelinePlanner.BusiestMs(plan), 0, alone);
    });

    [Fact]
    public void Stages_keep_away_from_the_processor_that_refuses_a_kernel() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed, (processor, kernel) => processor == "key of gpu" && kernel.Index == 0);
        IReadOnlyList<ThroughputPlan> plans = ThroughputPlanner.Candidates(problem);
        Assert.DoesNotContain(plans, plan => plan.Name is PolicyNames.Gpu or PolicyNames.BatchSplit);
        foreach (Step step in plans.SelectMany(plan => plan.Lanes).SelectMany(lane => lane.Steps).Where(step => step.Processor == "gpu"))
        {
            Assert.NotEqual(0, step.Slice.Kernels.First);
        }
    });

    [Fact]
    public void Pipeline_can_run_what_no_processor_can_run_whole()
    {
        PlanningProblem problem = Enumerable.Range(0, 50).Select(seed => PlanningCase.Make(seed, (processor, kernel) =>
            processor == "key of all" || processor == (kernel.Index == 0 ? "key of gpu" : "key of cpu"))).First(p => p.Network.Kernels.Count > 2);
        ThroughputPlan only = Assert.Single(ThroughputPlanner.Candidates(problem));
        Assert.Equal(PolicyNames.Pipeline, only.Name);
        Assert.Equal(["cpu", "gpu"], only.Lanes[0].Steps.Select(step => step.Processor));
        Assert.Equal(new KernelRange(0, 1), only.Lanes[0].Steps[0].Slice.Kernels);
    }

    [Fact]
    public void Where_every_processor_refuses_the_reasons_are_told()
    {
        PlanningProblem problem = PlanningCase.Make(1, (_, kernel) => kernel.Index == 0);
        var e = Assert.Throws<PlanException>(() => ThroughputPlanner.Candidates(problem));
        Assert.Contains("has no", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}

namespace Tandem.Planning.Tests;

public sealed class ThroughputPlannerTests
{
    [Fact]
    public void Lanes_are_the_candidate_of_most_inferences_per_second() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        ThroughputPlan plan = ThroughputPlanner.Make(problem);
        double split = PerSecond("key of cpu") + PerSecond("key of gpu");
        Assert.Equal(Math.Max(split, PerSecond("key of all")), plan.PredictedPerSecond, 6);
        Assert.Equal(plan.Lanes.OrderBy(lane => lane.PredictedMs), plan.Lanes);
        string[] processors = [.. plan.Lanes.SelectMany(lane => lane.Processors).Order()];
        Assert.Equal(split >= PerSecond("key of all") ? ["cpu", "gpu"] : ["ort-all-cores"], processors);

        double PerSecond(string key) => 1000 / problem.Predictor.Predict(key, Graphs.Slicing.SliceSpec.Of(problem.AllKernels)).MeanMs;
    });

    [Fact]
    public void Processor_that_refuses_a_kernel_has_no_lane() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed, (processor, kernel) => processor == "key of gpu" && kernel.Index == 0);
        Assert.DoesNotContain(ThroughputPlanner.Make(problem).Lanes, lane => lane.Processors.Contains("gpu"));
    });

    [Fact]
    public void Where_every_processor_refuses_the_reasons_are_told()
    {
        PlanningProblem problem = PlanningCase.Make(1, (_, kernel) => kernel.Index == 0);
        var e = Assert.Throws<PlanException>(() => ThroughputPlanner.Make(problem));
        Assert.Contains("has no", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}

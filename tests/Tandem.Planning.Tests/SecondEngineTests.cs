using Tandem.Graphs.Kernels;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

/// <summary>The CPU has two engines, which take turns; the GPU has one.</summary>
public sealed class SecondEngineTests
{
    [Fact]
    public void Engines_of_one_worker_are_never_expected_to_run_at_the_same_time() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = Make(seed);
        foreach (Segment segment in Search(problem, PolicyNames.Segments).Cheapest(1, 0))
        {
            Assert.True(segment.Drafts.Sum(d => WorkerOf(d.Processor) == "cpu" ? d.PredictedMs : 0) <= segment.CostMs);
        }
        Plan plan = PolicyRegistry.Find(PolicyNames.Segments).MakePlan(problem);
        foreach (IGrouping<string, Step> steps in plan.Steps.GroupBy(step => WorkerOf(step.Processor)))
        {
            Assert.All(steps.Zip(steps.Skip(1)), pair => Assert.True(
                pair.First.PredictedStartMs + pair.First.PredictedMs <= pair.Second.PredictedStartMs + 1e-9));
        }
    });

    [Fact]
    public void Second_engine_only_improves_what_is_expected() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = Make(seed);
        PlanningProblem oneEngine = problem with { Cooperating = problem.FirstEngines };
        Assert.True(Cost(problem, PolicyNames.Segments) <= Cost(oneEngine, PolicyNames.Segments) + 1e-9);
        Assert.Equal(
            PolicyRegistry.Find(PolicyNames.Segments).MakePlan(oneEngine).Steps,
            PolicyRegistry.Find(PolicyNames.TandemOneEngine).MakePlan(problem).Steps,
            (a, b) => (a.Processor, a.Slice) == (b.Processor, b.Slice));
    });

    [Fact]
    public void Cpu_alone_takes_the_faster_engine_of_each_kernel() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = Make(seed);
        IPolicy policy = PolicyRegistry.Find(PolicyNames.CpuEngines);
        Plan plan = policy.MakePlan(problem);
        Assert.DoesNotContain("gpu", plan.Processors);
        double fastest = problem.Network.Kernels.Sum(k => problem.Cooperating.Where(p => p.Worker == "cpu").Min(p =>
            problem.Predictor.Predict(p.Key, Graphs.Slicing.SliceSpec.Of(new KernelRange(k.Index, k.Index + 1))).MeanMs));
        // Longer segments are only taken where they cost less than their kernels.
        Assert.True(plan.PredictedMs <= fastest + 1e-9 + (problem.Network.Kernels.Count * PlanningCase.HandOverMs));
        Assert.Throws<PlanException>(() => policy.MakePlan(PlanningCase.Make(seed)));
    });

    [Theory]
    [InlineData(PolicyNames.Codl)]
    [InlineData(PolicyNames.MuLayer)]
    public void Systems_that_know_one_engine_use_the_first(string policy) => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = Make(seed);
        Assert.DoesNotContain("cpu-opencl", PolicyRegistry.Find(policy).MakePlan(problem).Processors);
    });

    [Fact]
    public void Throughput_has_one_lane_for_each_worker() => PlanningCase.ForAll(seed =>
    {
        ThroughputPlan plan = ThroughputPlanner.Make(Make(seed));
        Assert.Distinct(plan.Lanes.SelectMany(lane => lane.Processors).Select(WorkerOf));
    });

    private static double Cost(PlanningProblem problem, string policy) =>
        Search(problem, policy).Cheapest(1, 0).Sum(segment => segment.CostMs);

    private static SegmentSearch Search(PlanningProblem problem, string policy) =>
        ((SegmentPolicy)PolicyRegistry.Find(policy)).Search(problem);

    private static string WorkerOf(string processor) => processor == "cpu-opencl" ? "cpu" : processor;

    private static PlanningProblem Make(int seed)
    {
        Network network = RandomNetworks.Any(seed);
        return new(
            network,
            [new("cpu", "key of cpu"), new("gpu", "key of gpu"), new("cpu-opencl", "key of second") { Worker = "cpu" }],
            new("ort-all-cores", "key of all"),
            new SlicePredictor(network, KnownLatencies.Of(network, seed, ["key of cpu", "key of gpu", "key of second", "key of all"])),
            PlanningCase.HandOverMs);
    }
}

using Tandem.Graphs.Kernels;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

public sealed class ObjectiveTests
{
    private static readonly ProcessorPower Frugal = new(2, 0.5);
    private static readonly ProcessorPower Hungry = new(9, 1);

    [Fact]
    public void Least_energy_is_never_more_than_any_other_plan_s() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = Powered(seed);
        double fast = Energy(problem, Plan(problem));
        double frugal = Energy(problem, Plan(problem with { Objective = new(PlanGoal.Energy) }));
        double cpu = Energy(problem, Plan(problem with { Cooperating = [problem.Cooperating[0]], Objective = new(PlanGoal.Energy) }));
        Assert.InRange(frugal, 0, Math.Min(fast, cpu) + 1e-9);
    });

    [Fact]
    public void Least_energy_equals_trying_every_segmentation() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = Powered(seed, RandomNetworks.Chain(seed, 3)) with { Objective = new(PlanGoal.Energy) };
        Assert.Equal(PlanningCase.Least(problem, segment => segment.EnergyMillijoules), Energy(problem, Plan(problem)), 1e-9);
    });

    [Fact]
    public void Limit_is_kept_and_a_looser_one_is_never_slower() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = Powered(seed);
        double most = Energy(problem, Plan(problem));
        double least = Energy(problem, Plan(problem with { Objective = new(PlanGoal.Energy) }));
        double before = double.PositiveInfinity;
        for (int i = 0; i <= 4; i++)
        {
            double limit = least + (most - least) * i / 4 + 1e-9;
            Plan plan = Plan(problem with { Objective = new(PlanGoal.Latency, limit) });
            double ms = TotalMs(problem, plan);
            Assert.InRange(Energy(problem, plan), 0, limit + 1e-9);
            Assert.InRange(ms, 0, before + 1e-9);
            before = ms;
        }
    });

    [Fact]
    public void Limit_that_no_plan_keeps_and_unknown_power_are_said()
    {
        PlanningProblem problem = Powered(3) with { Objective = new(PlanGoal.Latency, 1e-6) };
        Assert.Contains("no plan takes", Assert.Throws<PlanException>(() => Plan(problem)).Message, StringComparison.Ordinal);
        PlanningProblem unknown = PlanningCase.Make(3) with { Objective = new(PlanGoal.Energy) };
        Assert.Contains("--power cpu=", Assert.Throws<PlanException>(() => Plan(unknown)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Three_processors_make_valid_plans_that_are_no_slower_than_two() => PlanningCase.ForAll(seed =>
    {
        Network network = RandomNetworks.Any(seed);
        string[] keys = ["a", "b", "c"];
        var predictor = new SlicePredictor(network, KnownLatencies.Of(network, seed, keys));
        PlanningProblem three = new(
            network, [.. keys.Select(key => new PlanProcessor(key, key))], null, predictor, PlanningCase.HandOverMs);
        Plan plan = Plan(three);
        Assert.NotEmpty(PlanCheck.Require(plan, network, predictor.Keys.Whole));
        PlanningProblem two = three with { Cooperating = [three.Cooperating[0], three.Cooperating[1]] };
        Assert.InRange(TotalMs(three, plan), 0, TotalMs(two, Plan(two)) + 1e-9);
    });

    [Fact]
    public void Three_equal_processors_share_a_layer_in_thirds()
    {
        var net = new Graphs.Networks.GraphBuilder("wide");
        Network network = KernelDetector.Detect(net.Build(1, net.Conv(net.Input("image", 1, 3, 48, 48), 96, 3, pad: 1)));
        var profile = new Profile();
        string whole = new SliceKeys(network).Whole;
        string[] keys = ["a", "b", "c"];
        foreach (string key in keys)
        {
            profile.Add(KnownLatencies.Sample(key, whole, "Conv", 9));
        }
        var problem = new PlanningProblem(
            network, [.. keys.Select(key => new PlanProcessor(key, key))], null, new SlicePredictor(network, profile), 0.01);
        Plan plan = Plan(problem);
        Assert.Equal(keys, plan.Steps.Select(s => s.Processor));
        Assert.All(plan.Steps, step => Assert.Equal(1.0 / 3, step.Slice.Share.Size, 0.01));
    }

    // Without branches the steps of a segment are those of the same kernels, so that what segments cost can be read off the plan.
    private static Plan Plan(PlanningProblem problem) => PolicyRegistry.Find(PolicyNames.TandemNoBranches).MakePlan(problem);

    private static PlanningProblem Powered(int seed, Network? network = null)
    {
        PlanningProblem problem = network is null ? PlanningCase.Make(seed) : PlanningCase.Make(network, seed);
        return problem with
        {
            Cooperating = [problem.Cooperating[0] with { Power = Frugal }, problem.Cooperating[1] with { Power = Hungry }],
        };
    }

    // Segments run one after another, so what they take and draw adds up.
    private static double TotalMs(PlanningProblem problem, Plan plan) =>
        plan.Steps.GroupBy(s => (s.Slice.Kernels, s.Slice.Summands)).Sum(g => g.Max(s => s.PredictedMs) + problem.HandOverMs);

    private static double Energy(PlanningProblem problem, Plan plan) => problem.EnergyMillijoules(
        TotalMs(problem, plan), plan.Steps.Select(s => new StepDraft(s.Processor, s.Slice, s.PredictedMs)));
}

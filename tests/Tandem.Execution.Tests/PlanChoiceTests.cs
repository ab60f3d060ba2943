using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Kernels;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Tests;

namespace Tandem.Execution.Tests;

public class PlanChoiceTests
{
    private const double LeastGain = 1.02;

    private static readonly Network Network = RandomNetworks.Chain(8, 6);
    private static readonly Plan Plain = Profiled(TestDevice.Undivided(Network), 10);
    private static readonly Plan Divided = TestDevice.Halves(Network);

    [Fact]
    public void Cooperative_plan_that_wins_clearly_is_chosen()
    {
        PlanChoice choice = PlanChoice.Between([Plain, Divided], [[10, 10, 10, 10], [6, 6, 6, 6]], LeastGain);
        Assert.Same(Divided, choice.Plan);
        Assert.True(choice.IsSteady);
    }

    [Fact]
    public void Gain_below_the_margin_is_none() =>
        Assert.Same(Plain, PlanChoice.Between([Plain, Divided], [[10, 10, 10], [9.9, 9.9, 9.9]], LeastGain).Plan);

    [Fact]
    public void Plan_that_wins_in_three_rounds_of_five_only_is_not_chosen() =>
        Assert.Same(Plain, PlanChoice.Between([Plain, Divided], [[10, 10, 10, 10, 10], [7, 7, 7, 11, 11]], LeastGain).Plan);

    [Fact]
    public void Plain_plan_that_was_disturbed_most_of_the_time_is_judged_by_its_better_quarter()
    {
        // On all cores a plain plan suffers most from another program: two of five rounds show what it can do.
        double[] onAllCores = [4, 4, 9, 9, 9];
        Plan other = Plain with { Policy = "ort-all-cores" };
        Assert.Same(other, PlanChoice.Between([Plain, other], [[7, 7, 7, 7, 7], onAllCores], LeastGain).Plan);
        Assert.Same(other, PlanChoice.Between([Divided, other], [[5, 5, 5, 5, 5], onAllCores], LeastGain).Plan);
    }

    [Fact]
    public void Rounds_in_which_everything_is_slow_decide_nothing()
    {
        // The plain plan is faster in every round; medians of the whole would say otherwise, since more of its rounds were disturbed.
        PlanChoice choice = PlanChoice.Between([Plain, Divided], [[10, 30, 30, 30, 10], [12, 32, 31, 31, 12]], LeastGain);
        Assert.Same(Plain, choice.Plan);
        Assert.False(choice.IsSteady);
    }

    [Fact]
    public void Without_a_plain_plan_the_fastest_is_taken()
    {
        Plan other = Divided with { Policy = "other" };
        Assert.Same(other, PlanChoice.Between([Divided, other], [[3, 3], [2, 2]], LeastGain).Plan);
        Assert.Same(Plain, PlanChoice.Between([Plain], [[3, 3]], LeastGain).Plan);
        Assert.ThrowsAny<ArgumentException>(() => PlanChoice.Between([], [], LeastGain));
    }

    [Fact]
    public void Chosen_plan_is_never_slower_than_the_best_plain_one_in_most_rounds()
    {
        Gen<double> ms = Gen.Choose(1, 1000).Select(i => i / 10.0);
        var rounds = Gen.Zip(ms, ms).NonEmptyListOf().Select(list => list.ToArray()).ToArbitrary();
        Prop.ForAll(rounds, pairs =>
        {
            double[] plain = [.. pairs.Select(p => p.Item1)];
            double[] divided = [.. pairs.Select(p => p.Item2)];
            PlanChoice choice = PlanChoice.Between([Plain, Divided], [plain, divided], LeastGain);
            return ReferenceEquals(choice.Plan, Plain) || pairs.Count(p => p.Item2 < p.Item1) * 2 >= pairs.Length;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_choice_made_while_another_program_slows_the_processors_down_evenly_is_not_kept()
    {
        Assert.True(PlanChoice.Between([Plain, Divided], [[12, 12, 12], [8, 8, 8]], LeastGain).IsSteady);
        PlanChoice loaded = PlanChoice.Between([Plain, Divided], [[20, 20, 20], [8, 8, 8]], LeastGain);
        Assert.Same(Divided, loaded.Plan);
        Assert.False(loaded.IsSteady);
        Assert.False(PlanChoice.Between([Plain], [[20, 20, 20]], LeastGain).IsSteady);
    }

    [Fact]
    public void Chooser_runs_every_plan_and_disposes_what_it_started()
    {
        using var compiled = new CompiledSlices(Network);
        var cpu = new NullProcessor("cpu", _ => default);
        var gpu = new NullProcessor("gpu", _ => default);
        Dictionary<string, IProcessor> processors = new() { ["cpu"] = cpu, ["gpu"] = gpu };
        List<Plan> started = [];
        PlanChooser chooser = new(
            plan =>
            {
                started.Add(plan);
                return new PlanExecutor(plan, compiled, processors);
            },
            new PlanTuning { FinalRuns = 2 });
        Assert.Contains(chooser.Choose([Divided, Plain], TestContext.Current.CancellationToken).Plan, new[] { Divided, Plain });
        Assert.Equal([Divided, Plain], started);
        Assert.Equal((0, 0), (cpu.LiveBindings, gpu.LiveBindings));
        Assert.Same(Plain, chooser.Choose([Plain], TestContext.Current.CancellationToken).Plan);
        Assert.Equal(2, started.Count);
    }

    private static Plan Profiled(Plan plan, double ms) => plan with { Steps = [plan.Steps[0] with { PredictedMs = ms }] };
}

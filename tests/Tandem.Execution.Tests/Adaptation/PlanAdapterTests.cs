using FsCheck;
using FsCheck.Fluent;
using Tandem.Execution.Adaptation;

namespace Tandem.Execution.Tests.Adaptation;

public sealed class PlanAdapterTests
{
    private const int ForSlowCpu = 1;
    private const int ForSlowGpu = 2;
    private const int AllCores = 3;
    private const int CpuAlone = 4;
    private const int GpuAlone = 5;

    [Fact]
    public void Noise_changes_no_plan() => ForAll((seed, scale) =>
    {
        var world = new World(Plans(scale), 0.15, seed);
        world.RunFor(20_000);
        Assert.Equal((PlanAdapter.Home, 0), (world.Adapter.Current, world.Switches));
    });

    [Fact]
    public void Load_on_a_processor_is_answered_within_a_second() => ForAll((seed, scale) =>
    {
        var world = new World(Plans(scale), 0.1, seed);
        int slow = seed % 2;
        world.RunFor(2000);
        world.Slowdowns[slow] = 2;
        double reaction = world.RunFor(3000, slow == 0 ? ForSlowCpu : ForSlowGpu);
        Assert.InRange(reaction, 0, Math.Max(1000, 7 * 20 * scale));
        Assert.InRange(world.Adapter.Slowdown(slow), 1.8, 2.2);
        Assert.Equal(PlanChangeReason.Slowdown, world.Adapter.LastChange.Reason);
    });

    [Fact]
    public void Session_comes_back_when_the_load_is_gone() => ForAll((seed, scale) =>
    {
        var world = new World(Plans(scale), 0.1, seed);
        int slow = seed % 2;
        world.RunFor(2000);
        world.Slowdowns[slow] = 2;
        world.RunFor(5000);
        // The first plan may be on trial just now.
        Assert.True(world.Adapter.Current != PlanAdapter.Home || world.Adapter.ReturnsTo != PlanAdapter.None);
        world.Slowdowns[slow] = 1;
        Assert.InRange(world.RunFor(5000, PlanAdapter.Home), 0, 1500);
        Assert.Equal(PlanAdapter.Home, world.Adapter.Current);
        Assert.Equal(PlanChangeReason.LoadIsGone, world.Adapter.LastChange.Reason);
    });

    [Fact]
    public void Processor_that_the_plan_in_use_does_not_see_is_probed()
    {
        var world = new World(Plans(1), 0.05, 3);
        world.RunFor(1000);
        world.Slowdowns[0] = world.Slowdowns[2] = 20;
        world.RunFor(10_000);
        Assert.Equal(GpuAlone, world.Adapter.Current);
        double before = world.SpentMs[PlanAdapter.Home];
        world.RunFor(60_000);
        Assert.InRange((world.SpentMs[PlanAdapter.Home] - before) / 60_000, 0.0001, 0.04);
        world.Slowdowns[0] = world.Slowdowns[2] = 1;
        world.RunFor(20_000);
        Assert.Equal(PlanAdapter.Home, world.Adapter.Current);
    }

    [Fact]
    public void Plan_that_is_slower_than_expected_is_left_again_and_rarely_tried()
    {
        var world = new World(Plans(1), 0.05, 5);
        for (int plan = 1; plan <= GpuAlone; plan++)
        {
            world.SetReal(plan, 3);
        }
        world.Slowdowns[0] = 2;
        world.RunFor(60_000);
        Assert.Equal((PlanAdapter.Home, 0), (world.Adapter.Current, world.Adapter.Changes));
        Assert.InRange(world.SpentMs[PlanAdapter.Home] / world.NowMs, 0.85, 1);
    }

    [Fact]
    public void Wrong_choice_is_found_and_told()
    {
        // Chosen when all cores were busy: the plan never was as fast as the plain plan is.
        var world = new World(Plans(1), 0.05, 7);
        world.SetReal(PlanAdapter.Home, 1.7);
        world.SetReal(ForSlowCpu, 1.7);
        world.SetReal(ForSlowGpu, 1.7);
        world.RunFor(10_000);
        Assert.Equal(AllCores, world.Adapter.Current);
        Assert.True(world.Adapter.IsChoiceDisproved);
        Assert.Equal(PlanChangeReason.ChoiceWasWrong, world.Adapter.LastChange.Reason);
    }

    [Fact]
    public void Load_on_everything_disproves_no_choice()
    {
        var world = new World(Plans(1), 0.05, 8);
        Array.Fill(world.Slowdowns, 2.5);
        world.RunFor(30_000);
        Assert.Equal(PlanAdapter.Home, world.Adapter.Current);
        Assert.False(world.Adapter.IsChoiceDisproved);
        Assert.InRange(world.SpentMs[PlanAdapter.Home] / world.NowMs, 0.9, 1);
    }

    [Fact]
    public void Load_on_one_processor_disproves_no_choice() => ForAll((seed, _) =>
    {
        // No other plan is worth trying, but the plain plan of the other processor is faster than the first plan under load.
        var world = new World(Plans(1), 0.05, seed, new AdaptationOptions { LeastGain = 100 });
        int slow = seed % 2;
        world.Slowdowns[slow] = world.Slowdowns[2] = 3;
        world.RunFor(20_000);
        Assert.Equal((PlanAdapter.Home, 0), (world.Adapter.Current, world.Switches));
        Assert.InRange(world.Adapter.Imbalance(out int slowest), 2.5, 3.5);
        Assert.Equal((slow, false), (slowest, world.Adapter.IsChoiceDisproved));
    });

    [Fact]
    public void Plain_plan_that_wins_under_load_disproves_no_choice()
    {
        var world = new World(Plans(1), 0.02, 9);
        Array.Fill(world.Slowdowns, 2);
        // What all cores do suffers less from the load.
        world.Slowdowns[2] = 1.3;
        world.RunFor(10_000);
        Assert.Equal((AllCores, PlanChangeReason.Slowdown), (world.Adapter.LastChange.To, world.Adapter.LastChange.Reason));
        Assert.False(world.Adapter.IsChoiceDisproved);
    }

    [Fact]
    public void Plan_that_comes_later_is_used_as_the_others_are()
    {
        var world = new World(Plans(1)[..ForSlowCpu]);
        world.Slowdowns[0] = 2;
        world.RunFor(2000);
        Assert.Equal(PlanAdapter.Home, world.Adapter.Current);
        int added = world.Add(Plans(1)[ForSlowCpu]);
        Assert.InRange(world.RunFor(1000, added), 0, 500);
        Assert.Equal(added, world.Adapter.Current);
    }

    [Fact]
    public void Plan_that_is_not_ready_is_wanted_and_not_used()
    {
        var world = new World(Plans(1));
        for (int plan = 1; plan <= GpuAlone; plan++)
        {
            world.Adapter.SetReady(plan, false);
        }
        world.Slowdowns[0] = 2;
        world.RunFor(2000);
        Assert.Equal((PlanAdapter.Home, ForSlowCpu, 0), (world.Adapter.Current, world.Adapter.Wanted, world.Switches));
        world.Adapter.Exclude(ForSlowCpu);
        world.RunFor(1000);
        Assert.NotEqual(ForSlowCpu, world.Adapter.Wanted);
        world.Adapter.SetReady(GpuAlone, true);
        world.RunFor(1000);
        Assert.Equal(PlanAdapter.Home, world.Adapter.Current);
    }

    [Fact]
    public void Observing_allocates_nothing()
    {
        var world = new World(Plans(1), 0.15);
        world.Slowdowns[0] = 2;
        world.RunFor(3000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        world.RunFor(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Balanced; for a slow processor; all cores; one alone.</summary>
    private static double[][] Plans(double scale) =>
    [
        [10 * scale, 10 * scale, 0],
        [6.67 * scale, 13.33 * scale, 0],
        [13.33 * scale, 6.67 * scale, 0],
        [0, 0, 13 * scale],
        [20 * scale, 0, 0],
        [0, 20 * scale, 0],
    ];

    /// <summary>Seeds, and networks of 2 to 200 ms.</summary>
    private static void ForAll(Action<int, double> property) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(40),
        Prop.ForAll(
            Gen.Choose(0, 1_000_000).ToArbitrary(),
            Gen.Elements(0.1, 0.5, 1, 3, 8).ToArbitrary(),
            property));
}

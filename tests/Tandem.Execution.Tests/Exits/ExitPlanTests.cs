using Tandem.Execution.Exits;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Kernels;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Null;

namespace Tandem.Execution.Tests.Exits;

/// <summary>Plans of progressive networks, and what an executor does and leaves undone by them.</summary>
public sealed class ExitPlanTests
{
    private static readonly Network Prepared = ProgressiveNetwork.Prepared;
    private static readonly string Signature = GraphSignature.Of(Prepared.Graph);

    [Fact]
    public void Preparation_keeps_the_exits_and_puts_what_they_need_first()
    {
        ExitStages stages = ExitStages.Of(Prepared)!;
        Assert.Equal(3, stages.Count);
        Assert.Equal(ProgressiveNetwork.Description.Exits.Select(exit => exit.Output), stages.Description.Exits.Select(exit => exit.Output));
        for (int stage = 0; stage < stages.Count; stage++)
        {
            KernelRange kernels = stages[stage];
            Assert.True(kernels.Count > 0);
            Assert.Contains(stages.Description.Exits[stage].Output, Prepared.Kernels.Skip(kernels.First).Take(kernels.Count).SelectMany(k => k.Outputs));
            Assert.All(Enumerable.Range(kernels.First, kernels.Count), kernel => Assert.Equal(stage, stages.StageOf(kernel)));
        }
    }

    [Fact]
    public void Undivided_steps_are_taken_apart_at_exits_and_the_file_keeps_them()
    {
        Plan plan = TestDevice.Undivided(Prepared);
        Assert.True(plan.IsPlain);
        Assert.Equal((3, 3), (plan.Steps.Count, plan.Exits!.Count));
        Assert.Equal(1, plan.PredictedMs, 1e-9);
        Plan read = PlanFile.FromJson(PlanFile.ToJson(plan));
        Assert.Equal(plan.Exits, read.Exits);
        PlanCheck.Require(read, Prepared, Signature);
        Assert.Null(TestDevice.Undivided(TestDevice.Network).Exits);
        Assert.DoesNotContain("exits", PlanFile.ToJson(TestDevice.Undivided(TestDevice.Network)), StringComparison.Ordinal);
    }

    [Fact]
    public void Plans_without_exits_with_others_or_that_do_not_wait_are_refused()
    {
        Plan plan = RandomPlans.Alternating(Prepared, "a", "b");
        PlanCheck.Require(plan, Prepared, Signature);
        RequireRefused(plan with { Exits = null });
        RequireRefused(plan with { Exits = [.. plan.Exits!.Skip(1)] });
        RequireRefused(plan with { Exits = [plan.Exits![0] with { Step = 0 }, .. plan.Exits.Skip(1)] });
        int exit = plan.Exits![0].Step;
        Step[] steps = [.. plan.Steps];
        steps[exit + 1] = steps[exit + 1] with { DependsOn = [.. steps[exit + 1].DependsOn.Where(id => id != exit)] };
        RequireRefused(plan with { Steps = steps });
        Plan ordinary = TestDevice.Undivided(TestDevice.Network);
        Assert.Throws<PlanException>(() => PlanCheck.Require(
            ordinary with { Exits = [new PlanExit(TestDevice.Network.Graph.Outputs[0].Name, 0)] }, TestDevice.Network, GraphSignature.Of(TestDevice.Network.Graph)));
    }

    [Fact]
    public void Exits_that_need_nothing_more_than_those_before_are_refused()
    {
        IReadOnlyList<Exit> exits = ProgressiveNetwork.Description.Exits;
        ProgressiveDescription twice = ProgressiveNetwork.Description with { Exits = [exits[0], exits[0], exits[2]] };
        var network = new Network(twice.Describe(Prepared.Graph), Prepared.Kernels);
        Assert.Throws<InvalidModelException>(() => ExitStages.Of(ExitStages.Arrange(network)));
    }

    [Fact]
    public void No_step_behind_the_exit_that_is_taken_begins()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            Plan plan = RandomPlans.Make(Prepared, seed, "a", "b", "c");
            int begun = 0;
            using var a = new NullProcessor("a", _ => default, (_, _) => Interlocked.Increment(ref begun));
            using var b = new NullProcessor("b", _ => default, (_, _) => Interlocked.Increment(ref begun));
            using var c = new NullProcessor("c", _ => default, (_, _) => Interlocked.Increment(ref begun));
            var processors = new[] { a, b, c }.ToDictionary(p => p.Info.Name, p => (IProcessor)p);
            using var compiled = new CompiledSlices(Prepared);
            using var executor = new PlanExecutor(plan, compiled, processors);
            // All scores are 0, so every exit is as sure as one of six.
            foreach ((ExitThresholds thresholds, int expected) in new[]
            {
                (ExitThresholds.Same(0), 0), (ExitThresholds.Never, 2), (ExitThresholds.Each(0.2, 0.1), 1), (ExitThresholds.Same(0.1), 0),
            })
            {
                begun = 0;
                ExitTaken taken = executor.RunToExit(0, static (_, _) => { }, thresholds, TestContext.Current.CancellationToken);
                Assert.Equal(expected, taken.Exit);
                int last = plan.Exits![expected].Step;
                Assert.Equal(last + 1, begun);
                Assert.All(executor.LastTrace.Steps, step => Assert.Equal(step.Step.Id <= last, step.HasRun));
            }
            executor.Run(TestContext.Current.CancellationToken);
            Assert.All(executor.LastTrace.Steps, step => Assert.True(step.HasRun));
        }
    }

    private static void RequireRefused(Plan plan) => Assert.Throws<PlanException>(() => PlanCheck.Require(plan, Prepared, Signature));
}

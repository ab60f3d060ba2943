using Tandem.Graphs.Kernels;
using Tandem.Planning;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Tests;

namespace Tandem.Execution.Tests;

public sealed class PlanTunerTests : IDisposable
{
    private readonly Network _network = RandomNetworks.Chain(8, 6);
    private readonly NullProcessor _cpu = new("cpu", _ => default);
    private readonly NullProcessor _gpu = new("gpu", _ => default);
    private readonly CompiledSlices _compiled;
    private readonly PlanningProblem _problem;

    public PlanTunerTests()
    {
        _compiled = new CompiledSlices(_network);
        // Null processors of one kind would have one key, and the two could not be told apart.
        _problem = new PlanningProblem(
            _network, [new("cpu", "1"), new("gpu", "2")], null,
            new SlicePredictor(_network, KnownLatencies.Of(_network, 2, ["1", "2", _cpu.Info.Key])), 0.001);
    }

    public void Dispose()
    {
        Assert.Equal((0, 0), (_cpu.LiveBindings, _gpu.LiveBindings));
        _compiled.Dispose();
        Assert.Equal((0, 0), (_cpu.LiveSlices, _gpu.LiveSlices));
    }

    [Fact]
    public void Without_rounds_the_plan_is_the_policy_s_first()
    {
        IPolicy policy = PolicyRegistry.Find(PolicyNames.MuLayer);
        Plan expected = policy.MakePlan(_problem);
        Plan plan = Tuner(new PlanTuning { Rounds = 0 }).Tune(policy, TestContext.Current.CancellationToken);
        Assert.Equal(expected.Steps.Select(s => (s.Processor, s.Slice)), plan.Steps.Select(s => (s.Processor, s.Slice)));
        Assert.Equal(0, _compiled.Count);
    }

    [Fact]
    public void Policy_that_does_not_learn_is_planned_once_and_never_run()
    {
        IPolicy policy = PolicyRegistry.Find(PolicyNames.MuLayer);
        Plan expected = policy.MakePlan(_problem);
        Plan plan = Tuner(new PlanTuning(), () => Assert.Fail("a plan was run")).Tune(policy, TestContext.Current.CancellationToken);
        Assert.Equal(PlanFile.ToJson(expected), PlanFile.ToJson(plan));
    }

    [Fact]
    public void Tuned_plan_is_valid_and_each_round_runs_what_was_asked()
    {
        IPolicy policy = PolicyRegistry.Find(PolicyNames.Segments);
        int filled = 0;
        Plan plan = Tuner(new PlanTuning { Rounds = 3, RunsPerRound = 2 }, () => filled++)
            .Tune(policy, TestContext.Current.CancellationToken);
        Assert.Equal(PolicyNames.Segments, plan.Policy);
        Assert.NotEmpty(PlanCheck.Require(plan, _network, _problem.Predictor.Keys.Whole));
        Assert.InRange(filled, 1, 3);
    }

    [Fact]
    public void Cancelled_tuning_leaves_nothing_running()
    {
        using var cancel = new CancellationTokenSource();
        PlanTuner tuner = Tuner(new PlanTuning(), cancel.Cancel);
        Assert.Throws<OperationCanceledException>(() => tuner.Tune(PolicyRegistry.Find(PolicyNames.Segments), cancel.Token));
    }

    private PlanTuner Tuner(PlanTuning tuning, Action? onFill = null) => new(
        _problem, _compiled, new Dictionary<string, IProcessor> { ["cpu"] = _cpu, ["gpu"] = _gpu }, tuning,
        _ => onFill?.Invoke(), TimeProvider.System);
}

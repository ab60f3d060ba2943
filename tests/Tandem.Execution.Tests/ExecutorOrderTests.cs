using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Tests;

namespace Tandem.Execution.Tests;

public sealed class ExecutorOrderTests
{
    [Fact]
    public void Steps_read_what_was_written_for_them_in_every_run() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(40),
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), RunMarked));

    [Fact]
    public void Only_processor_without_cores_of_its_own_runs_on_the_calling_thread()
    {
        HashSet<int> threads = [];
        Network network = RandomNetworks.Chain(3, 4);
        using var processor = new NullProcessor("one", _ => default, (_, _) => threads.Add(Environment.CurrentManagedThreadId));
        using var compiled = new CompiledSlices(network);
        using var executor = new PlanExecutor(RandomPlans.Alternating(network, "one"), compiled, Named(processor));
        executor.Run(TestContext.Current.CancellationToken);
        Assert.Equal(Environment.CurrentManagedThreadId, Assert.Single(threads));
        Assert.Equal(0, processor.WorkerThreads);
    }

    [Fact]
    public void Each_processor_with_cores_has_one_thread_for_all_runs()
    {
        HashSet<int> threads = [];
        Network network = RandomNetworks.Chain(3, 4);
        var info = new ProcessorInfo("pinned", ProcessorKind.Null, "null", "1", "none", [0], 1, false);
        using var processor = new NullProcessor(info, _ => default, (_, _) => threads.Add(Environment.CurrentManagedThreadId));
        using var compiled = new CompiledSlices(network);
        using var executor = new PlanExecutor(RandomPlans.Alternating(network, "pinned"), compiled, Named(processor));
        executor.Run(TestContext.Current.CancellationToken);
        executor.Run(TestContext.Current.CancellationToken);
        Assert.NotEqual(Environment.CurrentManagedThreadId, Assert.Single(threads));
        Assert.Equal(1, processor.WorkerThreads);
    }

    [Fact]
    public void Processors_that_share_a_worker_take_turns_on_its_thread()
    {
        Dictionary<string, HashSet<int>> threads = new() { ["a"] = [], ["b"] = [], ["second"] = [] };
        Network network = RandomNetworks.Chain(9, 4);
        NullProcessor[] processors = [.. threads.Keys.Select(name => new NullProcessor(
            new ProcessorInfo(name, ProcessorKind.Null, "null", "1", "none", [], 1, false) { Worker = name == "second" ? "a" : name },
            _ => default,
            (_, _) => threads[name].Add(Environment.CurrentManagedThreadId)))];
        using var compiled = new CompiledSlices(network);
        using var executor = new PlanExecutor(RandomPlans.Alternating(network, "a", "b", "second"), compiled, Named(processors));
        executor.Run(TestContext.Current.CancellationToken);
        executor.Run(TestContext.Current.CancellationToken);
        Assert.Equal(threads["a"], threads["second"]);
        Assert.NotEqual(Assert.Single(threads["a"]), Assert.Single(threads["b"]));
        Assert.Equal(2, processors.Sum(p => p.WorkerThreads));
        Array.ForEach(processors, p => p.Dispose());
    }

    [Fact]
    public void Trace_has_every_step_with_the_times_that_the_processor_reports()
    {
        Network network = RandomNetworks.Chain(6, 5);
        long tick = System.Diagnostics.Stopwatch.Frequency / 1000;
        using var a = new NullProcessor("a", _ => new RunTiming(1 * tick, 2 * tick, 3 * tick));
        using var b = new NullProcessor("b", _ => default);
        using var compiled = new CompiledSlices(network);
        using var executor = new PlanExecutor(RandomPlans.Alternating(network, "a", "b"), compiled, Named(a, b));
        executor.Run(TestContext.Current.CancellationToken);
        Trace trace = executor.LastTrace;
        Assert.Equal(executor.Plan.Steps, trace.Steps.Select(s => s.Step));
        Assert.Equal(executor.LastMs, trace.TotalMs);
        Assert.All(trace.Steps, s => Assert.Equal(
            s.Step.Processor == "a" ? (1.0, 2.0, 3.0) : (0, 0, 0), (s.GatherMs, s.ComputeMs, s.ScatterMs)));
        foreach (StepTrace step in trace.Steps)
        {
            Assert.InRange(step.StartMs, 0, trace.TotalMs);
            Assert.InRange(step.StartMs + step.DurationMs, step.StartMs, trace.TotalMs);
            Assert.All(step.Step.DependsOn, d => Assert.True(trace.Steps[d].StartMs + trace.Steps[d].DurationMs <= step.StartMs));
        }
    }

    [Fact]
    public void Interleaved_runs_take_turns_and_count_no_warm_up()
    {
        List<string> order = [];
        Network network = RandomNetworks.Chain(2, 1);
        using var a = new NullProcessor("a", _ => default, (_, _) => order.Add("a"));
        using var b = new NullProcessor("b", _ => default, (_, _) => order.Add("b"));
        using var compiled = new CompiledSlices(network);
        using var first = new PlanExecutor(RandomPlans.Alternating(network, "a"), compiled, Named(a, b));
        using var second = new PlanExecutor(RandomPlans.Alternating(network, "b"), compiled, Named(a, b));
        int counted = 0;
        var times = InterleavedRuns.Measure([first, second], 1, 2, _ => counted++, TestContext.Current.CancellationToken);
        int steps = network.Kernels.Count;
        // A turn is two runs of one executor; every round holds one turn of each, in any order.
        string[][] turns = [.. order.Chunk(2 * steps)];
        Assert.All(turns, turn => Assert.Single(turn.Distinct()));
        Assert.All(turns.Chunk(2), round => Assert.Equal(["a", "b"], round.Select(turn => turn[0]).Order()));
        Assert.Equal(6, turns.Length);
        Assert.Equal((4, 2, 2), (counted, times[0].RunCount, times[1].RunCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => InterleavedRuns.Measure([first], -1, 2, null, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => InterleavedRuns.Measure([first], 0, 0, null, TestContext.Current.CancellationToken));
    }

    private static void RunMarked(int seed)
    {
        int run = 0;
        Network network = RandomNetworks.Any(seed);
        Plan plan = RandomPlans.Make(network, seed, "a", "b", "c");
        HashSet<string> written = [.. plan.Steps.SelectMany(s => s.Slice.Cut(network).Outputs).Select(output => output.Tensor.Name)];
        Concatenation? InPlace(string tensor) => written.Contains(tensor) ? null : Concatenation.Of(network.Graph, tensor);
        // In some cases "c" takes turns with "a".
        IProcessor[] processors = [.. new[] { "a", "b", "c" }.Select(name =>
            new MarkerProcessor(name, () => run, worker: name == "c" && seed % 3 == 0 ? "a" : null, InPlace))];
        using var compiled = new CompiledSlices(network);
        using var executor = new PlanExecutor(plan, compiled, Named(processors));
        for (run = 1; run <= 4; run++)
        {
            executor.Run(
                network.Graph,
                (graph, e) => Assert.All(graph.Inputs, i => e.Memory(i.Name).AsSpan<int>().Fill(MarkerProcessor.Marker(i.Name, run))),
                (graph, e) => Assert.All(graph.Outputs, o => Assert.False(
                    e.Memory(o.Name).AsSpan<int>().ContainsAnyExcept(MarkerProcessor.Marker(o.Name, run)))));
        }
    }

    private static Dictionary<string, IProcessor> Named(params IProcessor[] processors) => processors.ToDictionary(p => p.Info.Name);
}

using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Tests;

namespace Tandem.Execution.Tests;

/// <summary>Whatever goes wrong in one inference: nobody hangs, and the next works.</summary>
public sealed class ExecutorFailureTests
{
    private readonly Network _network = RandomNetworks.Chain(8, 6);

    [Fact]
    public void Cancelled_before_it_begins_runs_no_step()
    {
        using var rig = new Rig(_network, (_, _, _) => { });
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => rig.Executor.Run(cancel.Token));
        Assert.Equal(0, rig.StepsRun);
        rig.RequireWorks();
    }

    [Fact]
    public void Cancelled_between_steps_runs_no_further_step()
    {
        using var cancel = new CancellationTokenSource();
        using var rig = new Rig(_network, (_, _, total) =>
        {
            if (total == 2)
            {
                cancel.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => rig.Executor.Run(cancel.Token));
        Assert.Equal(2, rig.StepsRun);
        rig.RequireWorks();
    }

    [Fact]
    public void Failure_of_any_step_reaches_the_caller_and_the_next_run_works()
    {
        for (int failing = 1; failing <= _network.Kernels.Count; failing++)
        {
            bool isBroken = true;
            using var rig = new Rig(_network, (_, _, total) =>
            {
                if (isBroken && total == failing)
                {
                    throw new ProcessorFailedException("the device was lost");
                }
            });
            var e = Assert.Throws<ProcessorFailedException>(() => rig.Executor.Run(TestContext.Current.CancellationToken));
            Assert.Equal("the device was lost", e.Message);
            Assert.Equal(failing, rig.StepsRun);
            isBroken = false;
            rig.RequireWorks();
        }
    }

    [Fact]
    public void Any_other_exception_is_the_caller_s_too()
    {
        bool isBroken = false;
        using var rig = new Rig(_network, (name, _, _) =>
        {
            if (name == "b" && isBroken)
            {
                throw new InvalidOperationException("a defect");
            }
        });
        rig.RequireWorks();
        isBroken = true;
        Assert.Throws<InvalidOperationException>(() => rig.Executor.Run(TestContext.Current.CancellationToken));
        isBroken = false;
        rig.RequireWorks();
    }

    [Fact]
    public void Processor_that_cannot_prepare_its_thread_fails_the_run_and_not_the_process()
    {
        using var good = new NullProcessor("a", _ => default);
        using var bad = new UnenterableProcessor("b");
        using var compiled = new CompiledSlices(_network);
        Plan plan = RandomPlans.Alternating(_network, "a", "b");
        using var executor = new PlanExecutor(plan, compiled, new Dictionary<string, IProcessor> { ["a"] = good, ["b"] = bad });
        for (int run = 0; run < 2; run++)
        {
            var e = Assert.Throws<ProcessorFailedException>(() => executor.Run(TestContext.Current.CancellationToken));
            Assert.Equal(UnenterableProcessor.Reason, e.Message);
        }
    }

    [Fact]
    public void Refusal_leaves_nothing_behind()
    {
        using var good = new NullProcessor("a", _ => default);
        using var bad = new NullProcessor("b", _ => default, refuses: slice => slice.Operators[0]);
        var compiled = new CompiledSlices(_network);
        Plan plan = RandomPlans.Alternating(_network, "a", "b");
        Assert.Throws<SliceRefusedException>(
            () => new PlanExecutor(plan, compiled, new Dictionary<string, IProcessor> { ["a"] = good, ["b"] = bad }));
        Assert.Equal(0, good.LiveBindings);
        compiled.Trim();
        Assert.Equal((0, 0), (compiled.Count, good.LiveSlices));
        compiled.Dispose();
    }

    [Fact]
    public void Plan_that_does_not_fit_is_refused()
    {
        using var a = new NullProcessor("a", _ => default);
        using var compiled = new CompiledSlices(_network);
        var named = new Dictionary<string, IProcessor> { ["a"] = a };
        Plan plan = RandomPlans.Alternating(_network, "a", "b");
        Assert.Contains("'b'", Assert.Throws<PlanException>(() => new PlanExecutor(plan, compiled, named)).Message, StringComparison.Ordinal);
        Plan other = RandomPlans.Alternating(RandomNetworks.Chain(12, 4), "a");
        Assert.Contains(
            "another network", Assert.Throws<PlanException>(() => new PlanExecutor(other, compiled, named)).Message, StringComparison.Ordinal);
        Step[] steps = [.. RandomPlans.Alternating(_network, "a").Steps];
        steps[1] = steps[1] with { DependsOn = [steps.Length - 1] };
        Assert.Throws<PlanException>(() => new PlanExecutor(plan with { Steps = steps }, compiled, named));
        Assert.Equal(0, a.LiveBindings);
    }

    [Fact]
    public void Dispose_ends_threads_and_bindings_and_may_be_repeated()
    {
        string name = $"t{Environment.ProcessId % 1000}q";
        var info = new ProcessorInfo(name, ProcessorKind.Null, "null", "1", "none", [0], 1, false);
        using var pinned = new NullProcessor(info, _ => default, (_, run) =>
        {
            if (run == 1)
            {
                throw new ProcessorFailedException("lost");
            }
        });
        using var compiled = new CompiledSlices(_network);
        Plan plan = RandomPlans.Alternating(_network, name);
        var named = new Dictionary<string, IProcessor> { [name] = pinned };
        foreach (int runs in new[] { 0, 1, 2 })
        {
            var executor = new PlanExecutor(plan, compiled, named);
            for (int run = 0; run < runs; run++)
            {
                Record.Exception(() => executor.Run(TestContext.Current.CancellationToken));
            }
            Assert.True(runs == 0 || !OperatingSystem.IsLinux() || ThreadNames().Contains($"tandem {name}"));
            executor.Dispose();
            executor.Dispose();
            Assert.Throws<ObjectDisposedException>(() => executor.Run(TestContext.Current.CancellationToken));
            Assert.Throws<ObjectDisposedException>(() => executor.Memory("image").AsSpan<float>().Length);
            Assert.Equal(0, pinned.LiveBindings);
            if (OperatingSystem.IsLinux())
            {
                // The system forgets a thread a moment after it was joined.
                Assert.True(SpinWait.SpinUntil(() => !ThreadNames().Contains($"tandem {name}"), TimeSpan.FromSeconds(30)));
            }
        }
    }

    private static IEnumerable<string> ThreadNames()
    {
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            string? name = null;
            try
            {
                name = File.ReadAllText(Path.Combine(task, "comm")).Trim();
            }
            catch (IOException)
            {
                // That thread has just ended.
            }
            if (name is not null)
            {
                yield return name;
            }
        }
    }

    /// <summary>An executor of an alternating plan on two null processors.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly CompiledSlices _compiled;
        private readonly NullProcessor[] _processors;
        private int _steps;

        public Rig(Network network, Action<string, int, int> onRun)
        {
            _compiled = new CompiledSlices(network);
            _processors = [.. new[] { "a", "b" }.Select(name => new NullProcessor(
                name, _ => default, (_, run) => onRun(name, run, Interlocked.Increment(ref _steps))))];
            Executor = new PlanExecutor(
                RandomPlans.Alternating(network, "a", "b"), _compiled, _processors.ToDictionary(p => p.Info.Name, p => (IProcessor)p));
        }

        public PlanExecutor Executor { get; }

        public int StepsRun => _steps;

        public void RequireWorks()
        {
            _steps = 1000;
            Executor.Run(TestContext.Current.CancellationToken);
            Assert.Equal(1000 + Executor.Plan.Steps.Count, _steps);
        }

        public void Dispose()
        {
            Executor.Dispose();
            _compiled.Dispose();
            Assert.All(_processors, p => Assert.Equal((0, 0), (p.LiveBindings, p.LiveSlices)));
        }
    }

    private sealed class UnenterableProcessor(string name) : IProcessor
    {
        public const string Reason = "no such core";

        private readonly NullProcessor _inner = new(name, _ => default);

        public ProcessorInfo Info => _inner.Info;

        public void EnterWorkerThread() => throw new ProcessorFailedException(Reason);

        public ICompiledSlice Compile(Graph slice) => _inner.Compile(slice);

        public void Dispose() => _inner.Dispose();
    }
}

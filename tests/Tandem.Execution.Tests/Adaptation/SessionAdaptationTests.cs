using System.Diagnostics;
using Tandem.Execution.Adaptation;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Tests;

namespace Tandem.Execution.Tests.Adaptation;

/// <summary>
/// Whole sessions on null processors that take no time: a meter says that they take as long as the profile says, times a factor that the
/// test changes while they run. So what a session decides does not depend on the machine; only when plans are ready does.
/// </summary>
public sealed class SessionAdaptationTests : IDisposable
{
    private const double WholeMs = 24;

    // Every wait of a test ends here, on however busy a machine.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-adaptation-");
    private readonly Timed _cpu;
    private readonly Timed _gpu;
    private readonly VirtualMeter _meter;
    private readonly LocalDevice _device;
    private readonly List<PlanChangedEventArgs> _changes = [];

    public SessionAdaptationTests()
    {
        _cpu = new Timed("cpu");
        _gpu = new Timed("gpu");
        _meter = new VirtualMeter(_cpu, _gpu);
        _device = new LocalDevice([_cpu.Processor, _gpu.Processor], null);
        Save();
    }

    public void Dispose()
    {
        // After a failure a session does not wait for the thread that plans and compiles.
        SpinWait.SpinUntil(() => _cpu.Processor.LiveSlices + _gpu.Processor.LiveSlices == 0, Patience);
        _device.Dispose();
        Assert.Equal((0, 0), (_cpu.Processor.LiveBindings, _gpu.Processor.LiveBindings));
        Assert.Equal((0, 0), (_cpu.Processor.LiveSlices, _gpu.Processor.LiveSlices));
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Session_leaves_a_slow_processor_and_comes_back(bool compilesAhead)
    {
        using CooperativeSession session = Open(new AdaptationOptions { CompilesAhead = compilesAhead });
        Plan home = session.Plan;
        Assert.Equal(["cpu", "gpu"], home.Processors.Order());
        RunUntil(session, () => false, runs: 40);
        _cpu.Slowdown = 4;
        RunUntil(session, () => _changes.Count > 0);
        PlanChangedEventArgs away = _changes[0];
        Assert.Equal((PlanChangeReason.Slowdown, 4.0, 1.0), (away.Reason, away.Slowdowns["cpu"], away.Slowdowns["gpu"]));
        Assert.InRange(Share(away.NewPlan), 0, 0.99 * Share(home));
        Assert.Contains("processors became slower (cpu x4.00", away.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', away.ToString());
        _cpu.Slowdown = 1;
        RunUntil(session, () => ReferenceEquals(session.Plan, home) && _changes[^1].Reason == PlanChangeReason.LoadIsGone);
        Assert.Same(home, _changes[^1].NewPlan);
    }

    [Fact]
    public void Switched_off_nothing_changes()
    {
        using CooperativeSession session = Open(new AdaptationOptions { IsEnabled = false });
        Plan home = session.Plan;
        _cpu.Slowdown = 4;
        RunUntil(session, () => false, runs: 40);
        Assert.Same(home, session.Plan);
        Assert.Empty(_changes);
    }

    [Fact]
    public void Failure_while_adapting_is_answered_and_ends_adapting()
    {
        using CooperativeSession session = Open(new AdaptationOptions { CompilesAhead = true });
        int failures = 0;
        session.ProcessorFailed += (_, _) => failures++;
        _cpu.Slowdown = 4;
        RunUntil(session, () => _changes.Count > 0);
        _gpu.IsBroken = true;
        RunUntil(session, () => false, runs: 20);
        Assert.Equal(1, failures);
        Assert.Equal("cpu", Assert.Single(session.Plan.Processors));
    }

    [Fact]
    public void Choice_that_proves_wrong_is_not_kept()
    {
        using (CooperativeSession session = Open(new AdaptationOptions()))
        {
            RunUntil(session, () => false, runs: 3);
            // The profile says that dividing helps, and it does not: slices take as long as the whole.
            _meter.SliceFactor = 4;
            Assert.NotEmpty(CachedPlans());
            RunUntil(session, () => _changes.Exists(c => c.Reason == PlanChangeReason.ChoiceWasWrong) && CachedPlans().Length == 0);
            Assert.Single(_changes.Find(c => c.Reason == PlanChangeReason.ChoiceWasWrong)!.NewPlan.Steps);
        }
    }

    [Fact]
    public void Nothing_is_planned_or_compiled_before_a_slowdown_is_seen()
    {
        using CooperativeSession session = Open(new AdaptationOptions());
        RunUntil(session, () => false, runs: 60);
        (int cpu, int gpu) = (_cpu.Processor.LiveBindings, _gpu.Processor.LiveBindings);
        Assert.Equal(session.Plan.Steps.Count, cpu + gpu);
        _gpu.Slowdown = 2;
        RunUntil(session, () => _changes.Count > 0);
        // On the way to twice as slow the median may pass 1.4, where an observation holds inferences from before and after.
        Assert.Matches("with gpu (1.4|2) times slower$", _changes[0].NewName);
    }

    [Fact]
    public void Plans_for_a_load_that_is_gone_are_freed()
    {
        using CooperativeSession session = Open(new AdaptationOptions());
        Plan home = session.Plan;
        RunUntil(session, () => false, runs: 3);
        int atHome = _cpu.Processor.LiveSlices + _gpu.Processor.LiveSlices;
        _cpu.Slowdown = 4;
        RunUntil(session, () => _changes.Count > 0);
        Assert.True(_cpu.Processor.LiveBindings + _gpu.Processor.LiveBindings > home.Steps.Count);
        _cpu.Slowdown = 1;
        RunUntil(session, () => ReferenceEquals(session.Plan, home)
            && _cpu.Processor.LiveBindings + _gpu.Processor.LiveBindings == home.Steps.Count
            && _cpu.Processor.LiveSlices + _gpu.Processor.LiveSlices == atHome);
        Assert.Same(home, session.Plan);
    }

    [Fact]
    public void Choice_is_kept_where_a_processor_is_loaded_from_the_start()
    {
        using CooperativeSession session = Open(new AdaptationOptions());
        _cpu.Slowdown = 4;
        RunUntil(session, () => _changes.Count > 0);
        RunUntil(session, () => false, runs: 150);
        Assert.DoesNotContain(_changes, change => change.Reason == PlanChangeReason.ChoiceWasWrong);
        Assert.NotEmpty(CachedPlans());
    }

    private string[] CachedPlans() => Directory.GetFiles(_folder.FullName, "*-segments.json", SearchOption.AllDirectories);

    private static double Share(Plan plan)
    {
        double Busy(string name) => plan.Steps.Where(s => s.Processor == name).Sum(s => s.PredictedMs);
        return Busy("cpu") / (Busy("cpu") + Busy("gpu"));
    }

    private CooperativeSession Open(AdaptationOptions adaptation)
    {
        DeploymentOptions deployment = TestDevice.Quick with { ProfilePath = Path.Combine(_folder.FullName, "profile.db") };
        KeepPlan(deployment);
        var session = new CooperativeSession(TestDevice.Model, new CooperativeSessionOptions
        {
            Device = _device,
            Policy = PolicyNames.Segments,
            Adaptation = adaptation with { Meter = _meter },
            Deployment = deployment,
        });
        session.PlanChanged += (_, e) => _changes.Add(e);
        return session;
    }

    /// <summary>The session finds a plan as it is predicted: tuning would measure that null processors take no time.</summary>
    private void KeepPlan(DeploymentOptions options)
    {
        using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, _device, options);
        Plan plan = PolicyRegistry.Find(PolicyNames.Segments).MakePlan(deployment.Problem);
        new PlanCache(Path.Combine(_folder.FullName, "plans"), TestDevice.Network, _device, options).Keep(plan);
    }

    private static void RunUntil(CooperativeSession session, Func<bool> isEnough, int runs = int.MaxValue)
    {
        using Processors.OnnxRuntime.OrtValue image = Processors.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(
            TestDevice.Input(1), [.. TestDevice.Model.Inputs[0].Shape]);
        var inputs = new Dictionary<string, Processors.OnnxRuntime.OrtValue> { ["image"] = image };
        long begin = Stopwatch.GetTimestamp();
        for (int run = 0; run < runs && !isEnough(); run++)
        {
            session.Run(inputs, TestContext.Current.CancellationToken)[0].Dispose();
            // Inferences that take no time leave none to the thread that plans; real ones do.
            Thread.Yield();
            Assert.True(runs < int.MaxValue || Stopwatch.GetElapsedTime(begin) < Patience, "what the test waits for did not come");
        }
    }

    /// <summary>
    /// A profile in which each kernel takes its part of the elements, on either processor, and each half of one half of that: whatever it
    /// lacked would be measured, and on a busy machine even null processors take time.
    /// </summary>
    private void Save()
    {
        var profile = new Profile();
        var keys = new SliceKeys(TestDevice.Network);
        foreach (Timed timed in new[] { _cpu, _gpu })
        {
            string key = timed.Processor.Info.Key;
            foreach (var kernel in TestDevice.Network.Kernels)
            {
                var range = new KernelRange(kernel.Index, kernel.Index + 1);
                double ms = Timed.Ms(SliceSpec.Of(range).Cut(TestDevice.Network).Graph);
                profile.Add(KnownLatencies.Sample(key, keys.Of(range), kernel.Type, ms));
                foreach (SliceAxis axis in new[] { SliceAxis.Channels, SliceAxis.Rows })
                {
                    profile.Add(KnownLatencies.Sample(key, keys.Of(new SliceSpec(range, axis, Graphs.Slicing.Share.FirstHalf)), kernel.Type, ms / 2));
                }
            }
            profile.Add(KnownLatencies.Sample(key, keys.Whole, "all", WholeMs));
        }
        profile.Add(new Measurement(CostNames.Memory, CostNames.RowCopy, 1000, "GB/s", DateTimeOffset.UnixEpoch));
        profile.Add(new Measurement(CostNames.Memory, CostNames.HandOver, 1, "us", DateTimeOffset.UnixEpoch));
        using var store = new ProfileStore(Path.Combine(_folder.FullName, "profile.db"), DeviceFingerprint.Current());
        profile.Save(store);
    }

    /// <summary>A processor whose slices take time by the number of elements that they make, of which only the meter tells.</summary>
    private sealed class Timed
    {
        private static readonly double AllElements = Elements(TestDevice.Network.Graph);

        public Timed(string name) => Processor = new NullProcessor(
            new ProcessorInfo(name, ProcessorKind.Null, $"null {name}", "1", "none", [], 1, false), _ => default, (_, _) => Run());

        public NullProcessor Processor { get; }

        public double Slowdown { get; set; } = 1;

        public bool IsBroken { get; set; }

        public static double Ms(Graph graph) => WholeMs * Elements(graph) / AllElements;

        private void Run()
        {
            if (IsBroken)
            {
                throw new ProcessorFailedException("lost");
            }
        }

        private static double Elements(Graph graph) =>
            graph.Operators.SelectMany(op => op.Outputs).Sum(output => (double)graph.Tensors[output].Shape.ElementCount);
    }

    /// <summary>A clock that only inferences move, each by what its plan is predicted to take times the slowdowns of the processors.</summary>
    private sealed class VirtualMeter(params Timed[] processors) : IRunMeter
    {
        public double NowMs { get; private set; }

        /// <summary>What plans of several steps take longer than the profile says.</summary>
        public double SliceFactor { get; set; } = 1;

        public double Read(PlanExecutor executor, PlanForecast forecast, double[] occupiedMs)
        {
            double factor = executor.Plan.Steps.Count > 1 ? SliceFactor : 1;
            double[] slowdowns = [.. Enumerable.Repeat(factor, occupiedMs.Length)];
            foreach (Step step in executor.Plan.Steps)
            {
                slowdowns[forecast.ProcessorOfStep[step.Id]] =
                    factor * processors.Single(p => p.Processor.Info.Name == step.Processor).Slowdown;
            }
            for (int p = 0; p < occupiedMs.Length; p++)
            {
                occupiedMs[p] = forecast.BusyMs[p] * slowdowns[p];
            }
            double latencyMs = forecast.LatencyMs(slowdowns);
            NowMs += latencyMs;
            return latencyMs;
        }
    }
}

using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests;

/// <summary>Processors that fail, hang or are slow at any moment: the answer stays right and the failure is told once.</summary>
public sealed class SessionFailureTests : IDisposable
{
    private static readonly float[] Image = TestDevice.Input(5);
    private static readonly float[] Expected = TestDevice.Reference(Image);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private readonly FailingProcessor _cpu = new(TestDevice.Processor("cpu"));
    private readonly FailingProcessor _gpu = new(TestDevice.Processor("gpu"));
    private readonly FailingProcessor _allCores = new(TestDevice.Processor("ort-all-cores"));
    private readonly LocalDevice _device;
    private readonly OrtValue _image = OrtValue.CreateTensorValueFromMemory(Image, [.. TestDevice.Model.Inputs[0].Shape]);
    private readonly List<ProcessorFailedEventArgs> _failures = [];

    public SessionFailureTests() => _device = new LocalDevice([_cpu, _gpu], _allCores);

    public void Dispose()
    {
        _image.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void Failure_at_any_run_is_answered_and_told_once()
    {
        int stepsOfGpu = TestDevice.Halves(TestDevice.Network).Steps.Count(s => s.Processor == "gpu");
        foreach (int failing in new[] { 1, stepsOfGpu / 2, stepsOfGpu, stepsOfGpu + 1, (2 * stepsOfGpu) + 3 })
        {
            _failures.Clear();
            using CooperativeSession session = Open();
            _gpu.FailsAt = _gpu.Runs + failing;
            for (int run = 0; run < 5; run++)
            {
                RequireRight(session);
            }
            ProcessorFailedEventArgs failure = Assert.Single(_failures);
            Assert.Equal(("halves", "cpu"), (failure.Failed.Policy, failure.Fallback.Policy));
        }
    }

    [Fact]
    public void Local_plan_that_fails_too_is_passed_over_and_told_with_the_first()
    {
        using CooperativeSession session = Open();
        _cpu.IsBroken = true;
        RequireRight(session);
        RequireRight(session);
        Assert.Equal(("halves", "ort-all-cores"), (Assert.Single(_failures).Failed.Policy, _failures[0].Fallback.Policy));
        _cpu.IsBroken = false;
        _allCores.IsBroken = true;
        RequireRight(session);
        Assert.Equal(("ort-all-cores", "cpu"), (_failures[1].Failed.Policy, _failures[1].Fallback.Policy));
    }

    [Fact]
    public void Only_the_gpu_left_is_enough()
    {
        using CooperativeSession session = Open();
        _cpu.IsBroken = _allCores.IsBroken = true;
        RequireRight(session);
        Assert.Equal("gpu", Assert.Single(_failures).Fallback.Policy);
    }

    [Fact]
    public void All_broken_is_one_clear_error_and_the_session_recovers()
    {
        using CooperativeSession session = Open();
        _cpu.IsBroken = _gpu.IsBroken = _allCores.IsBroken = true;
        for (int run = 0; run < 3; run++)
        {
            var e = Assert.Throws<ProcessorFailedException>(() => Run(session));
            Assert.StartsWith("no plan can run the network any more", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
        Assert.Empty(_failures);
        _cpu.IsBroken = _gpu.IsBroken = _allCores.IsBroken = false;
        RequireRight(session);
        Assert.Empty(_failures);
        Assert.Equal("halves", session.Plan.Policy);
    }

    [Fact]
    public void Trace_after_a_failure_is_of_the_run_that_succeeded()
    {
        using CooperativeSession session = Open();
        _gpu.IsBroken = true;
        RequireRight(session);
        Trace trace = session.LastTrace;
        Assert.Equal("cpu", Assert.Single(trace.Steps).Step.Processor);
        Assert.InRange(trace.Steps[0].StartMs + trace.Steps[0].DurationMs, 0, trace.TotalMs);
    }

    [Fact]
    public void Failed_run_leaves_the_executor_s_trace_as_it_was()
    {
        using var compiled = new CompiledSlices(TestDevice.Network);
        using var executor = new PlanExecutor(TestDevice.Halves(TestDevice.Network), compiled, _device.ByName);
        _gpu.IsBroken = true;
        Assert.Throws<ProcessorFailedException>(() => executor.Run(TestContext.Current.CancellationToken));
        Assert.Equal(0, executor.LastTrace.TotalMs);
        Assert.All(executor.LastTrace.Steps, s => Assert.Equal((0, 0), (s.StartMs, s.DurationMs)));
        _gpu.IsBroken = false;
        executor.Run(TestContext.Current.CancellationToken);
        Trace good = executor.LastTrace;
        _gpu.FailsAt = _gpu.Runs + 3;
        Assert.Throws<ProcessorFailedException>(() => executor.Run(TestContext.Current.CancellationToken));
        Assert.Equal(good.TotalMs, executor.LastTrace.TotalMs);
        Assert.Equal(good.Steps, executor.LastTrace.Steps);
    }

    [Fact]
    public void Processor_that_hangs_is_left_alone_and_freed_when_it_comes_back()
    {
        CooperativeSession session = Open(Short);
        RequireRight(session);
        _gpu.Hang();
        RequireRight(session);
        RequireRight(session);
        ProcessorFailedEventArgs failure = Assert.Single(_failures);
        Assert.Equal("cpu", failure.Fallback.Policy);
        Assert.Contains("'gpu' did not answer within 0.3 s", failure.Failure.Message, StringComparison.Ordinal);
        Assert.True(_gpu.LiveBindings > 0);
        session.Dispose();
        Assert.True(_gpu.LiveBindings > 0);
        _gpu.GoOn();
        Assert.True(SpinWait.SpinUntil(() => _gpu.LiveBindings == 0 && _cpu.LiveBindings == 0, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Hang_in_the_first_run_of_the_cpu_is_answered_by_another_processor()
    {
        using (CooperativeSession session = Open(Short))
        {
            _cpu.Hang();
            RequireRight(session);
            Assert.Equal("ort-all-cores", Assert.Single(_failures).Fallback.Policy);
        }
        _cpu.GoOn();
        Assert.True(SpinWait.SpinUntil(() => _cpu.LiveBindings == 0, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Slow_processor_within_the_limit_is_no_failure()
    {
        _gpu.Slowness = 20_000;
        using CooperativeSession session = Open(TimeSpan.FromSeconds(60));
        RequireRight(session);
        Assert.Empty(_failures);
    }

    [Fact]
    public void Two_sessions_on_one_device_each_tell_their_failure_once()
    {
        using CooperativeSession one = Open();
        using CooperativeSession two = Open();
        RequireRight(one);
        _gpu.IsBroken = true;
        var thrown = new Exception?[4];
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(t => new Thread(() => thrown[t] = Record.Exception(() =>
        {
            for (int run = 0; run < 4; run++)
            {
                RequireRight(t % 2 == 0 ? one : two);
            }
        })))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.All(thrown, Assert.Null);
        Assert.Equal(2, _failures.Count);
    }

    [Fact]
    public void Value_that_the_caller_freed_is_no_processor_s_failure()
    {
        using CooperativeSession session = Open();
        OrtValue freed = OrtValue.CreateTensorValueFromMemory(TestDevice.Input(6), [.. TestDevice.Model.Inputs[0].Shape]);
        freed.Dispose();
        Assert.NotNull(Record.Exception(() => session.Run(new Dictionary<string, OrtValue> { ["image"] = freed }, CancellationToken.None)));
        Assert.Equal("halves", session.Plan.Policy);
        RequireRight(session);
        Assert.Empty(_failures);
    }

    private CooperativeSession Open(TimeSpan? timeout = null)
    {
        var session = new CooperativeSession(TestDevice.Model, new()
        {
            Device = _device,
            Deployment = TestDevice.Quick,
            Plan = TestDevice.Halves(TestDevice.Network),
            RunTimeout = timeout ?? Timeout.InfiniteTimeSpan,
        });
        session.ProcessorFailed += (_, e) => { lock (_failures) { _failures.Add(e); } };
        return session;
    }

    private IReadOnlyList<OrtValue> Run(CooperativeSession session) =>
        session.Run(new Dictionary<string, OrtValue> { ["image"] = _image }, CancellationToken.None);

    private void RequireRight(CooperativeSession session)
    {
        using OrtValue output = Assert.Single(Run(session));
        TestDevice.RequireEqual(Expected, output.GetTensorDataAsSpan<float>());
    }
}

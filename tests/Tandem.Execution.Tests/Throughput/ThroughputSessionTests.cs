using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests.Throughput;

public sealed class ThroughputSessionTests : IDisposable
{
    private const int Threads = 4;
    private const int RunsOfThread = 25;

    // Every thread has an input of its own, so that an output of another's inference is noticed.
    private static readonly float[][] Images = [.. Enumerable.Range(0, Threads).Select(TestDevice.Input)];
    private static readonly float[][] Expected = [.. Images.Select(TestDevice.Reference)];

    private readonly FailingProcessor _cpu = new(TestDevice.Processor("cpu"));
    private readonly FailingProcessor _gpu = new(TestDevice.Processor("gpu"));
    private readonly FailingProcessor _allCores = new(TestDevice.Processor("ort-all-cores"));
    private readonly LocalDevice _device;
    private readonly OrtValue[] _images = [.. Images.Select(i => OrtValue.CreateTensorValueFromMemory(i, [.. TestDevice.Model.Inputs[0].Shape]))];
    private readonly List<ProcessorFailedEventArgs> _failures = [];

    public ThroughputSessionTests() => _device = new LocalDevice([_cpu, _gpu], _allCores);

    public void Dispose()
    {
        Assert.Equal((0, 0, 0), (_cpu.LiveBindings, _gpu.LiveBindings, _allCores.LiveBindings));
        Array.ForEach(_images, image => image.Dispose());
        _device.Dispose();
    }

    [Fact]
    public void Four_threads_each_get_their_own_outputs_from_both_lanes()
    {
        using ThroughputSession session = Open();
        RunFromAllThreads(session);
        Assert.Equal(["cpu", "gpu"], session.Lanes.Select(lane => lane.Plan.Policy).Order());
        Assert.Equal(Threads * RunsOfThread, session.Lanes.Sum(lane => lane.Inferences));
        Assert.All(session.Lanes, lane => Assert.InRange(lane.Inferences, 1, int.MaxValue));
        Assert.Equal((0, 0), (_failures.Count, _allCores.Runs));
    }

    [Fact]
    public async Task Asynchronous_inferences_are_in_flight_together_and_no_more_than_allowed()
    {
        using ThroughputSession session = Open(mostInFlight: 3);
        Task<IReadOnlyList<OrtValue>>[] tasks = [.. Enumerable.Range(0, 40).Select(i =>
            session.RunAsync(InputOf(i % Threads), TestContext.Current.CancellationToken))];
        for (int i = 0; i < tasks.Length; i++)
        {
            using OrtValue output = Assert.Single(await tasks[i]);
            TestDevice.RequireEqual(Expected[i % Threads], output.GetTensorDataAsSpan<float>());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public void Lane_that_fails_loses_no_inference_and_is_told_once(int failsAt)
    {
        using ThroughputSession session = Open();
        _gpu.FailsAt = failsAt;
        // How many inferences a lane gets depends on how fast it happens to be.
        for (int round = 0; round < 100 && _gpu.Runs < failsAt; round++)
        {
            RunFromAllThreads(session);
        }
        Assert.True(_gpu.Runs >= failsAt, "the lane was not used");
        ProcessorFailedEventArgs failure = Assert.Single(_failures);
        Assert.Equal(("gpu", "cpu", FailingProcessor.Reason), (failure.Failed.Policy, failure.Fallback.Policy, failure.Failure.Message));
        Assert.Equal("cpu", Assert.Single(session.Lanes).Plan.Policy);
    }

    [Fact]
    public void Last_lane_that_fails_changes_to_a_local_plan()
    {
        using ThroughputSession session = Open();
        _gpu.IsBroken = _cpu.IsBroken = true;
        RunFromAllThreads(session);
        Assert.Equal(2, _failures.Count);
        Assert.Equal("ort-all-cores", _failures[1].Fallback.Policy);
        Assert.Equal("ort-all-cores", Assert.Single(session.Lanes).Plan.Policy);
    }

    [Fact]
    public void All_broken_is_one_clear_error_and_the_session_recovers()
    {
        using ThroughputSession session = Open();
        _gpu.IsBroken = _cpu.IsBroken = _allCores.IsBroken = true;
        var e = Assert.Throws<ProcessorFailedException>(() => session.Run(InputOf(0), TestContext.Current.CancellationToken));
        Assert.StartsWith("no plan can run the network any more", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        _gpu.IsBroken = _cpu.IsBroken = _allCores.IsBroken = false;
        RunFromAllThreads(session);
    }

    [Fact]
    public async Task Disposing_ends_what_waits_and_lets_end_what_runs()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        ThroughputSession session = Open();
        _cpu.Hang();
        _gpu.Hang();
        Task<IReadOnlyList<OrtValue>>[] running = [.. Enumerable.Range(0, 2).Select(i => session.RunAsync(InputOf(i), cancellation))];
        Assert.True(SpinWait.SpinUntil(() => _cpu.Runs + _gpu.Runs == 2, TimeSpan.FromSeconds(30)));
        Task<IReadOnlyList<OrtValue>>[] waiting = [.. Enumerable.Range(0, 5).Select(i => session.RunAsync(InputOf(i % Threads), cancellation))];
        Task disposing = Task.Run(session.Dispose, cancellation);
        foreach (Task<IReadOnlyList<OrtValue>> task in waiting)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
        }
        _cpu.GoOn();
        _gpu.GoOn();
        for (int i = 0; i < running.Length; i++)
        {
            using OrtValue output = Assert.Single(await running[i]);
            TestDevice.RequireEqual(Expected[i], output.GetTensorDataAsSpan<float>());
        }
        await disposing;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.RunAsync(InputOf(0), cancellation));
        session.Dispose();
    }

    [Fact]
    public async Task Cancelled_inference_stops_waiting_and_disturbs_no_other()
    {
        using ThroughputSession session = Open();
        _cpu.Hang();
        _gpu.Hang();
        Task<IReadOnlyList<OrtValue>>[] running = [.. Enumerable.Range(0, 2).Select(i => session.RunAsync(InputOf(i), CancellationToken.None))];
        Assert.True(SpinWait.SpinUntil(() => _cpu.Runs + _gpu.Runs == 2, TimeSpan.FromSeconds(30)));
        using var cancellation = new CancellationTokenSource();
        Task<IReadOnlyList<OrtValue>> cancelled = session.RunAsync(InputOf(2), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _cpu.GoOn();
        _gpu.GoOn();
        foreach (Task<IReadOnlyList<OrtValue>> task in running)
        {
            (await task)[0].Dispose();
        }
        Assert.Empty(_failures);
        RunFromAllThreads(session);
    }

    [Fact]
    public void Wrong_inputs_are_refused_before_anything_runs()
    {
        using ThroughputSession session = Open();
        Assert.Throws<InputException>(() => session.Run(new Dictionary<string, OrtValue>(), CancellationToken.None));
        Assert.Throws<InputException>(() => session.Run(InputOf(0), ["nothing"], CancellationToken.None));
        Assert.Equal(0, _cpu.Runs + _gpu.Runs);
    }

    [Fact]
    public void Lanes_that_share_a_processor_are_refused()
    {
        using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, _device, TestDevice.Quick);
        var plan = new ThroughputPlan([deployment.PlainPlan("cpu"), TestDevice.Halves(TestDevice.Network)]);
        Assert.Throws<PlanException>(() => new ThroughputSession(deployment, _device, new ThroughputSessionOptions { Plan = plan }));
    }

    [Fact]
    public void Each_lane_runs_one_inference_at_a_time_on_one_thread()
    {
        var threads = new HashSet<int>[] { [], [] };
        var inside = new int[2];
        int most = 0;
        NullProcessor[] processors = [.. new[] { "cpu", "gpu" }.Select((name, p) => new NullProcessor(name, _ => default, (_, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref inside[p]));
            lock (threads[p])
            {
                threads[p].Add(Environment.CurrentManagedThreadId);
            }
            Thread.Yield();
            Interlocked.Decrement(ref inside[p]);
        }))];
        using (var device = new LocalDevice(processors, null))
        {
            using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, device, TestDevice.Quick);
            var plan = new ThroughputPlan([deployment.PlainPlan("cpu"), deployment.PlainPlan("gpu")]);
            using var session = new ThroughputSession(deployment, device, new ThroughputSessionOptions { Plan = plan });
            Parallel(thread =>
            {
                for (int run = 0; run < 200; run++)
                {
                    session.Run(InputOf(thread), CancellationToken.None)[0].Dispose();
                }
            });
            Assert.Equal(Threads * 200, session.Lanes.Sum(lane => lane.Inferences));
        }
        Assert.Equal(1, most);
        Assert.All(threads, ids => Assert.InRange(ids.Count, 0, 1));
        Assert.Equal((0, 0), (processors[0].LiveBindings, processors[1].LiveBindings));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }
            seen = before;
        }
    }

    private ThroughputSession Open(int mostInFlight = 64)
    {
        using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, _device, TestDevice.Quick);
        var session = new ThroughputSession(TestDevice.Model, new ThroughputSessionOptions
        {
            Device = _device,
            Deployment = TestDevice.Quick,
            Plan = new ThroughputPlan([deployment.PlainPlan("cpu"), deployment.PlainPlan("gpu")]),
            MostInFlight = mostInFlight,
        });
        session.ProcessorFailed += (_, e) => { lock (_failures) { _failures.Add(e); } };
        return session;
    }

    private Dictionary<string, OrtValue> InputOf(int thread) => new() { [TestDevice.Model.Inputs[0].Name] = _images[thread] };

    private void RunFromAllThreads(ThroughputSession session) => Parallel(thread =>
    {
        for (int run = 0; run < RunsOfThread; run++)
        {
            using OrtValue output = Assert.Single(session.Run(InputOf(thread), CancellationToken.None));
            TestDevice.RequireEqual(Expected[thread], output.GetTensorDataAsSpan<float>());
        }
    });

    private static void Parallel(Action<int> act)
    {
        var thrown = new Exception?[Threads];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(t => new Thread(() => thrown[t] = Record.Exception(() => act(t))))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(thrown, Assert.Null);
    }
}

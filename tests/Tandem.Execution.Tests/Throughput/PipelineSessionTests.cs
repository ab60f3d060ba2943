using System.Collections.Concurrent;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests.Throughput;

public sealed class PipelineSessionTests : IDisposable
{
    private const int Images = 12;

    private static readonly float[][] Pixels = [.. Enumerable.Range(0, Images).Select(TestDevice.Input)];
    private static readonly float[][] Expected = [.. Pixels.Select(TestDevice.Reference)];

    private readonly FailingProcessor _cpu = new(TestDevice.Processor("cpu"));
    private readonly FailingProcessor _gpu = new(TestDevice.Processor("gpu"));
    private readonly FailingProcessor _allCores = new(TestDevice.Processor("ort-all-cores"));
    private readonly LocalDevice _device;
    private readonly OrtValue[] _images = [.. Pixels.Select(i => OrtValue.CreateTensorValueFromMemory(i, [.. TestDevice.Model.Inputs[0].Shape]))];
    private readonly ConcurrentQueue<ProcessorFailedEventArgs> _failures = [];

    public PipelineSessionTests() => _device = new LocalDevice([_cpu, _gpu], _allCores);

    public void Dispose()
    {
        Assert.Equal((0, 0, 0), (_cpu.LiveBindings, _gpu.LiveBindings, _allCores.LiveBindings));
        Array.ForEach(_images, image => image.Dispose());
        _device.Dispose();
    }

    [Theory]
    [InlineData("cpu", "gpu")]
    [InlineData("gpu", "cpu", "gpu", "cpu", "gpu")]
    public async Task Stream_of_different_images_gives_the_outputs_of_ONNX_Runtime(params string[] stages)
    {
        using ThroughputSession session = Open(stages);
        await RunStream(session);
        await RunStream(session);
        ThroughputLane lane = Assert.Single(session.Lanes);
        Assert.Equal(2 * Images, lane.Inferences);
        Assert.Empty(_failures);
        Assert.Equal(2 * Images * stages.Length, _cpu.Runs + _gpu.Runs);
    }

    [Fact]
    public async Task Divided_plan_can_have_several_inferences_in_flight_too()
    {
        using ThroughputSession session = Open(TestDevice.Halves(TestDevice.Network));
        await RunStream(session);
        Assert.Empty(_failures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task Failure_in_any_stage_loses_no_inference_and_is_told_once(int failsAt)
    {
        foreach (FailingProcessor failing in new[] { _cpu, _gpu })
        {
            using ThroughputSession session = Open("cpu", "gpu", "cpu", "gpu");
            failing.FailsAt = failing.Runs + failsAt;
            await RunStream(session);
            ProcessorFailedEventArgs failure = Assert.Single(_failures);
            Assert.Equal(("stages", FailingProcessor.Reason), (failure.Failed.Policy, failure.Failure.Message));
            Assert.Single(Assert.Single(session.Lanes).Plan.Processors);
            await RunStream(session);
            Assert.Single(_failures);
            _failures.Clear();
        }
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("gpu")]
    public async Task Processor_that_stays_broken_is_done_without(string broken)
    {
        using ThroughputSession session = Open("cpu", "gpu");
        await RunStream(session);
        (broken == "cpu" ? _cpu : _gpu).IsBroken = true;
        await RunStream(session);
        await RunStream(session);
        // The plain plan of the broken processor may be tried first: it is no pipeline that fails then.
        Assert.Equal(["stages"], _failures.Select(failure => failure.Failed.Policy));
        Assert.DoesNotContain(broken, Assert.Single(session.Lanes).Plan.Processors);
    }

    [Fact]
    public async Task Processor_that_hangs_is_given_up_by_every_inference()
    {
        using ThroughputSession session = Open(TimeSpan.FromSeconds(1), Stages(TestDevice.Network, "cpu", "gpu"));
        await RunStream(session);
        _gpu.Hang();
        await RunStream(session);
        Assert.Equal(["stages"], _failures.Select(failure => failure.Failed.Policy));
        Assert.Equal(["cpu"], Assert.Single(session.Lanes).Plan.Processors);
        _gpu.GoOn();
        Assert.True(SpinWait.SpinUntil(() => _gpu.LiveBindings == 0, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Pipeline_that_fails_beside_another_lane_leaves_its_inferences_to_that()
    {
        using ThroughputSession session = Open(Stages(TestDevice.Network, "cpu", "gpu"), RandomPlans.Alternating(TestDevice.Network, "ort-all-cores"));
        _gpu.IsBroken = true;
        await RunStream(session);
        await RunStream(session);
        Assert.InRange(_failures.Count, 0, 1);
        Assert.Contains(session.Lanes, lane => lane.Plan.Policy == "alternating");
    }

    [Fact]
    public async Task All_broken_is_an_error_for_each_inference_and_the_session_recovers()
    {
        using ThroughputSession session = Open("cpu", "gpu");
        _gpu.IsBroken = _cpu.IsBroken = _allCores.IsBroken = true;
        Task<IReadOnlyList<OrtValue>>[] tasks = [.. Enumerable.Range(0, Images).Select(i => session.RunAsync(InputOf(i), CancellationToken.None))];
        foreach (Task<IReadOnlyList<OrtValue>> task in tasks)
        {
            await Assert.ThrowsAsync<ProcessorFailedException>(() => task);
        }
        _gpu.IsBroken = _cpu.IsBroken = _allCores.IsBroken = false;
        await RunStream(session);
    }

    [Fact]
    public async Task Processors_work_on_different_inferences_but_on_one_each()
    {
        var inside = new int[2];
        int most = 0;
        using var meeting = new Barrier(2);
        NullProcessor[] processors = [.. new[] { "cpu", "gpu" }.Select((name, p) => new NullProcessor(name, _ => default, (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside[p]));
            // Comes true only when both processors are in a stage at the same time; the first and last stages meet nobody.
            meeting.SignalAndWait(TimeSpan.FromMilliseconds(200));
            Interlocked.Decrement(ref inside[p]);
        }))];
        using (var device = new LocalDevice(processors, null))
        {
            using var deployment = new Deployment(TestDevice.Model, TestDevice.Network, device, TestDevice.Quick);
            var plan = new ThroughputPlan([Stages(TestDevice.Network, "cpu", "gpu")]);
            using var session = new ThroughputSession(deployment, device, new ThroughputSessionOptions { Plan = plan });
            await Task.WhenAll(Enumerable.Range(0, 40).Select(i => session.RunAsync(InputOf(i % Images), CancellationToken.None)));
        }
        Assert.Equal(1, most);
        Assert.InRange(meeting.CurrentPhaseNumber, 1, 40);
        Assert.Equal((0, 0), (processors[0].LiveBindings, processors[1].LiveBindings));
    }

    [Fact]
    public async Task Session_that_is_given_no_plan_finds_one_by_running_them()
    {
        using var session = new ThroughputSession(TestDevice.Model, new ThroughputSessionOptions { Device = _device, Deployment = TestDevice.Quick });
        await RunStream(session);
        Assert.NotEmpty(session.Lanes);
    }

    /// <summary>A pipeline of stages of about as many kernels each.</summary>
    internal static Plan Stages(Network network, params string[] processors) =>
        new PlanAssembler(network, GraphSignature.Of(network.Graph), 0).Assemble("stages", [.. processors.Select((processor, i) => new StepDraft(
            processor,
            SliceSpec.Of(new KernelRange(i * network.Kernels.Count / processors.Length, (i + 1) * network.Kernels.Count / processors.Length)),
            1))]);

    private ThroughputSession Open(params string[] stages) => Open(Stages(TestDevice.Network, stages));

    private ThroughputSession Open(params Plan[] lanes) => Open(TimeSpan.FromSeconds(60), lanes);

    private ThroughputSession Open(TimeSpan timeout, params Plan[] lanes)
    {
        var session = new ThroughputSession(TestDevice.Model, new ThroughputSessionOptions
        {
            Device = _device,
            Deployment = TestDevice.Quick,
            Plan = new ThroughputPlan(lanes),
            RunTimeout = timeout,
        });
        session.ProcessorFailed += (_, e) => _failures.Enqueue(e);
        return session;
    }

    private Dictionary<string, OrtValue> InputOf(int image) => new() { [TestDevice.Model.Inputs[0].Name] = _images[image] };

    /// <summary>All images in flight together; each caller gets the output of its own.</summary>
    private async Task RunStream(ThroughputSession session)
    {
        Task<IReadOnlyList<OrtValue>>[] tasks = [.. Enumerable.Range(0, Images).Select(i => session.RunAsync(InputOf(i), CancellationToken.None))];
        for (int i = 0; i < Images; i++)
        {
            using OrtValue output = Assert.Single(await tasks[i]);
            TestDevice.RequireEqual(Expected[i], output.GetTensorDataAsSpan<float>());
        }
    }
}

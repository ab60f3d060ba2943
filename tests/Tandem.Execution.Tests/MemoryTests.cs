using Tandem.Execution.Exits;
using Tandem.Execution.Tests.Exits;
using Tandem.Execution.Tests.Throughput;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests;

[Collection(nameof(MeasuredAlone))]
public sealed class MemoryTests
{
    private const int Runs = 100;

    [Fact]
    public void Runs_allocate_no_managed_memory()
    {
        using LocalDevice device = TestDevice.Open();
        using var compiled = new CompiledSlices(TestDevice.Network);
        using var executor = new PlanExecutor(TestDevice.Halves(TestDevice.Network), compiled, device.ByName);
        RequireNoAllocation(executor);
    }

    [Fact]
    public void Runs_on_the_calling_thread_allocate_no_managed_memory()
    {
        Network network = TestDevice.Network;
        using var processor = new NullProcessor("one", _ => default);
        using var compiled = new CompiledSlices(network);
        using var executor = new PlanExecutor(
            RandomPlans.Alternating(network, "one"), compiled, new Dictionary<string, IProcessor> { ["one"] = processor });
        RequireNoAllocation(executor);
    }

    [Fact]
    public void Opening_and_disposing_again_and_again_keeps_no_memory()
    {
        // Tensors of 32 MiB and 2 MB of weights for each slice: a leak of either could not be missed.
        var net = new GraphBuilder("large");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 32, 512, 512), 32, 1));
        Graph model = net.Build(1, net.Conv(x, 32, 1));
        Network network = KernelDetector.Detect(model);
        using var a = new NullProcessor("cpu", _ => default);
        using var b = new NullProcessor("gpu", _ => default);
        var processors = new Dictionary<string, IProcessor> { ["cpu"] = a, ["gpu"] = b };
        Plan plan = TestDevice.Halves(network);
        long first = 0;
        for (int i = 0; i < 30; i++)
        {
            using (var compiled = new CompiledSlices(network))
            using (var executor = new PlanExecutor(plan, compiled, processors))
            {
                executor.Run(TestContext.Current.CancellationToken);
                Assert.InRange(executor.SharedBytes, 96L << 20, 97L << 20);
            }
            first = i == 4 ? Environment.WorkingSet : first;
        }
        Assert.Equal((0, 0, 0, 0), (a.LiveBindings, a.LiveSlices, b.LiveBindings, b.LiveSlices));
        Assert.InRange(Environment.WorkingSet - first, long.MinValue, 300L << 20);
    }

    [Fact]
    public void Real_sessions_are_freed()
    {
        using LocalDevice device = TestDevice.Open();
        Plan plan = TestDevice.Halves(TestDevice.Network);
        long first = 0;
        for (int i = 0; i < 30; i++)
        {
            using (var compiled = new CompiledSlices(TestDevice.Network))
            using (var executor = new PlanExecutor(plan, compiled, device.ByName))
            {
                executor.Run(TestContext.Current.CancellationToken);
            }
            first = i == 4 ? Environment.WorkingSet : first;
        }
        // The weights alone take 10 MB, and each engine packs a copy of them.
        Assert.InRange(Environment.WorkingSet - first, long.MinValue, 150L << 20);
    }

    [Fact]
    public void Sessions_run_into_the_callers_values_without_allocating()
    {
        using LocalDevice device = TestDevice.Open();
        using CooperativeSession session = OpenHalves(device);
        using OrtValue input = NewValue(TestDevice.Model.Inputs[0]);
        using OrtValue output = NewValue(TestDevice.Model.Outputs[0]);
        var inputs = new Dictionary<string, OrtValue> { [session.InputNames[0]] = input };
        OrtValue[] outputs = [output];
        RequireNoAllocation(() => session.Run(inputs, session.OutputNames, outputs, CancellationToken.None));
    }

    [Fact]
    public void Sessions_allocate_no_more_than_the_outputs_they_give()
    {
        using LocalDevice device = TestDevice.Open();
        using CooperativeSession session = OpenHalves(device);
        using OrtValue input = NewValue(TestDevice.Model.Inputs[0]);
        var inputs = new Dictionary<string, OrtValue> { [session.InputNames[0]] = input };
        long[] shape = [.. TestDevice.Model.Outputs[0].Shape];
        // The description of a value's shape is made when it is first asked for, and belongs to it.
        long ofOutputs = AllocatedBy(() =>
        {
            OrtValue[] outputs = [OrtValue.CreateAllocatedTensorValue(TensorElementType.Float, shape)];
            outputs[0].GetTensorTypeAndShape();
            outputs[0].Dispose();
            GC.KeepAlive(outputs);
        });
        long ofRuns = AllocatedBy(() => session.Run(inputs, CancellationToken.None)[0].Dispose());
        Assert.Equal(ofOutputs, ofRuns);
    }

    [Fact]
    public void Pipelines_run_into_the_callers_values_without_allocating()
    {
        using LocalDevice device = TestDevice.Open();
        using var session = new ThroughputSession(TestDevice.Model, new ThroughputSessionOptions
        {
            Device = device,
            Deployment = TestDevice.Quick,
            Plan = new ThroughputPlan([PipelineSessionTests.Stages(TestDevice.Network, "cpu", "gpu")]),
        });
        using OrtValue input = NewValue(TestDevice.Model.Inputs[0]);
        using OrtValue output = NewValue(TestDevice.Model.Outputs[0]);
        var inputs = new Dictionary<string, OrtValue> { [session.InputNames[0]] = input };
        OrtValue[] outputs = [output];
        RequireNoAllocation(() => session.Run(inputs, session.OutputNames, outputs, CancellationToken.None));
    }

    [Fact]
    public void Progressive_sessions_leave_early_without_allocating()
    {
        using LocalDevice device = TestDevice.Open();
        using CooperativeSession session = new(ProgressiveNetwork.Model, new CooperativeSessionOptions
        {
            Device = device,
            Deployment = TestDevice.Quick,
            Plan = TestDevice.Halves(ProgressiveNetwork.Prepared),
        });
        using OrtValue input = NewValue(ProgressiveNetwork.Model.Inputs[0]);
        var inputs = new Dictionary<string, OrtValue> { [session.InputNames[0]] = input };
        var results = new ExitTaken[1];
        foreach (ExitThresholds thresholds in new[] { ExitThresholds.Same(0), ExitThresholds.Never })
        {
            RequireNoAllocation(() => session.RunProgressive(inputs, results, thresholds, CancellationToken.None));
        }
    }

    private static CooperativeSession OpenHalves(LocalDevice device) => new(
        TestDevice.Model,
        new CooperativeSessionOptions { Device = device, Deployment = TestDevice.Quick, Plan = TestDevice.Halves(TestDevice.Network) });

    private static OrtValue NewValue(Tensor tensor) =>
        OrtValue.CreateAllocatedTensorValue(TensorElementType.Float, [.. tensor.Shape]);

    /// <summary>What the calling thread allocates in <see cref="Runs"/> runs, at least, once warm.</summary>
    private static long AllocatedBy(Action run)
    {
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 10; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Runs; i++)
            {
                run();
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }

    private static void RequireNoAllocation(PlanExecutor executor) => RequireNoAllocation(() => executor.Run(CancellationToken.None));

    private static void RequireNoAllocation(Action run)
    {
        long ofCaller = long.MaxValue;
        long ofAll = long.MaxValue;
        // The test runner's own threads allocate now and then; a run that allocates does so every time.
        for (int attempt = 0; attempt < 10 && (ofCaller | ofAll) != 0; attempt++)
        {
            Repeat(run);
            long caller = GC.GetAllocatedBytesForCurrentThread();
            long all = GC.GetTotalAllocatedBytes(precise: true);
            Repeat(run);
            ofAll = Math.Min(ofAll, GC.GetTotalAllocatedBytes(precise: true) - all);
            ofCaller = Math.Min(ofCaller, GC.GetAllocatedBytesForCurrentThread() - caller);
        }
        Assert.Equal(0, ofCaller);
        Assert.InRange(ofAll, 0, Runs - 1);
    }

    private static void Repeat(Action run)
    {
        for (int i = 0; i < Runs; i++)
        {
            run();
        }
    }
}

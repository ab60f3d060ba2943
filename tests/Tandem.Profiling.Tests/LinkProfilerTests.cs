using Tandem.Graphs;
using Tandem.Prediction;
using Tandem.Processors;
using Tandem.Processors.Null;

namespace Tandem.Profiling.Tests;

public sealed class LinkProfilerTests
{
    private static readonly ProfilingOptions Quick = new() { MinRuns = 1, MaxRuns = 1 };

    private readonly Profile _profile = new();

    [Fact]
    public void Costs_between_two_processors_are_measured()
    {
        using var cpu = new NullProcessor("cpu", _ => default);
        using var gpu = new NullProcessor("gpu", _ => default, refuses: slice => slice.Operators[0]);
        new LinkProfiler(Quick, TimeProvider.System).Measure([cpu, gpu], _profile);
        Assert.Equal(
            [CostNames.HandOver, CostNames.Launch, CostNames.Map, CostNames.ReadBandwidth, CostNames.RowCopy],
            _profile.Costs.Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.All(_profile.Costs, c => Assert.InRange(c.Value, 0, double.MaxValue));
        Assert.Equal((3, 2), (cpu.WorkerThreads, gpu.WorkerThreads));
        Assert.Equal((0, 0), (cpu.LiveSlices, cpu.LiveBindings));
    }

    [Fact]
    public void One_processor_hands_over_to_nobody()
    {
        using var cpu = new NullProcessor("cpu", _ => default);
        new LinkProfiler(Quick, TimeProvider.System).Measure([cpu], _profile);
        Assert.DoesNotContain(_profile.Costs, c => c.Name == CostNames.HandOver);
        Assert.Equal(7, _profile.Cost("nobody", CostNames.HandOver, 7));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Processor_that_cannot_be_entered_leaves_nobody_waiting(bool isFirst)
    {
        using var good = new NullProcessor("good", _ => default);
        using var bad = new UnenterableProcessor();
        Assert.Throws<ProcessorFailedException>(() => isFirst
            ? LinkProfiler.HandOverMicroseconds(bad, good)
            : LinkProfiler.HandOverMicroseconds(good, bad));
    }

    private sealed class UnenterableProcessor : IProcessor
    {
        public ProcessorInfo Info { get; } = new("bad", ProcessorKind.Null, "null", "1", "none", [], 1, false);

        public void EnterWorkerThread() => throw new ProcessorFailedException("no such core");

        public ICompiledSlice Compile(Graph slice) => throw new ProcessorFailedException("never reached");

        public void Dispose() { }
    }
}

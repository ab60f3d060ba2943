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
        // Neither is slowed by a processor that refuses to stream.
        Assert.Equal(0, _profile.Cost(cpu.Info.Key, CostNames.MemoryContention, 0));
        Assert.Equal((0, 0), (cpu.LiveSlices, cpu.LiveBindings));
    }

    [Fact]
    public void Contention_is_how_much_longer_work_takes_while_the_other_processor_streams()
    {
        int streaming = 0;
        using var gpu = new NullProcessor(
            new ProcessorInfo("gpu", ProcessorKind.Null, "null", "1", "other", [], 1, false),
            _ => default,
            (_, _) => Interlocked.Increment(ref streaming));
        int seen = 0;
        bool streams = false;
        using var cpu = new NullProcessor(
            "cpu",
            _ => default,
            (slice, _) =>
            {
                // The only thing that runs while the other streams and alone as well.
                int now = Volatile.Read(ref streaming);
                streams |= now > seen && seen > 0 && slice.Operators[0].Type == "Relu";
                seen = now;
            });
        new LinkProfiler(Quick, TimeProvider.System).Measure([cpu, gpu], _profile);
        Assert.True(streams, "the other processor ran nothing meanwhile");
        foreach (string key in new[] { cpu.Info.Key, gpu.Info.Key })
        {
            Assert.InRange(_profile.Cost(key, CostNames.MemoryContention, 0), 1, double.MaxValue);
            Assert.InRange(_profile.Cost(key, CostNames.ComputeContention, 0), 1, double.MaxValue);
        }
        Assert.Equal((0, 0, 0, 0), (cpu.LiveSlices, cpu.LiveBindings, gpu.LiveSlices, gpu.LiveBindings));
    }

    [Fact]
    public void Processors_that_take_turns_on_a_core_do_not_contend()
    {
        using NullProcessor first = OnCoreZero("first");
        using NullProcessor second = OnCoreZero("second");
        new LinkProfiler(Quick, TimeProvider.System).Measure([first, second], _profile);
        Assert.DoesNotContain(_profile.Costs, c => c.Name is CostNames.MemoryContention or CostNames.ComputeContention);

        static NullProcessor OnCoreZero(string name) =>
            new(new ProcessorInfo(name, ProcessorKind.Null, "null", "1", name, [0], 1, false) { Worker = "first" }, _ => default);
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

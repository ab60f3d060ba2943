using Tandem.Graphs;
using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Processors.Null;

namespace Tandem.Profiling.Tests;

public sealed class HandOverProfilerTests
{
    private static readonly ProfilingOptions Quick = new() { MinRuns = 1, MaxRuns = 1 };

    private readonly Profile _profile = new();

    [Fact]
    public void Way_that_works_is_chosen_and_measured_once()
    {
        using var gpu = new SharingProcessor("mapped", "virtual", "copied") { Works = "virtual" };
        using var cpu = new NullProcessor("cpu", _ => default);
        new HandOverProfiler(Quick, TimeProvider.System).Choose([cpu, gpu], _profile);
        Assert.Equal("virtual", gpu.HandOver);
        Assert.Equal(3, gpu.Compiled);
        Assert.Equal(
            [CostNames.FailedUnit, CostNames.FailedUnit, "us"], _profile.Costs.Select(c => c.Unit).Order(StringComparer.Ordinal));
        new HandOverProfiler(Quick, TimeProvider.System).Choose([cpu, gpu], _profile);
        Assert.Equal(3, gpu.Compiled);
        new HandOverProfiler(Quick with { Again = true }, TimeProvider.System).Choose([cpu, gpu], _profile);
        Assert.Equal(6, gpu.Compiled);
    }

    [Fact]
    public void Way_that_costs_the_least_is_used_where_the_device_still_offers_it()
    {
        using var gpu = new SharingProcessor("mapped", "copied");
        Add(gpu, "mapped", 20);
        Add(gpu, "copied", 15);
        Add(gpu, "what a driver offered before", 3);
        HandOverProfiler.Apply(_profile, [gpu]);
        Assert.Equal("copied", gpu.HandOver);
    }

    [Fact]
    public void Processor_with_one_way_or_without_measurements_stays_as_it_is()
    {
        using var one = new SharingProcessor("mapped");
        new HandOverProfiler(Quick, TimeProvider.System).Choose([one], _profile);
        HandOverProfiler.Apply(_profile, [one]);
        Assert.Empty(_profile.Costs);
        Assert.Equal((0, "mapped"), (one.Compiled, one.HandOver));
    }

    [Fact]
    public void Memory_is_the_processors_own_where_it_wants_so()
    {
        using var gpu = new SharingProcessor("mapped", "virtual") { Works = "virtual" };
        new HandOverProfiler(Quick, TimeProvider.System).Choose([gpu], _profile);
        Assert.Equal(4, gpu.Allocated);
        using SharedBuffer buffer = SharedBuffer.For([gpu], 10);
        Assert.Equal(5, gpu.Allocated);
    }

    private void Add(IProcessor gpu, string way, double microseconds) =>
        _profile.Add(new Measurement(gpu.Info.Key, CostNames.HandOverBy(way), microseconds, "us", default));

    /// <summary>A processor of which one way to share tensors works.</summary>
    private sealed class SharingProcessor(params string[] ways) : IHandOverChoice, ISharedMemorySource
    {
        private readonly NullProcessor _inner = new("gpu", _ => default);

        public string? Works { get; init; }

        public int Compiled { get; private set; }

        public int Allocated { get; private set; }

        public ProcessorInfo Info => _inner.Info;

        public IReadOnlyList<string> HandOvers => ways;

        public string HandOver { get; set; } = ways[0];

        public void EnterWorkerThread() => _inner.EnterWorkerThread();

        public ICompiledSlice Compile(Graph slice)
        {
            Compiled++;
            return new FailingSlice(_inner.Compile(slice), HandOver == Works);
        }

        public SharedBuffer? TryAllocate(long sizeInBytes)
        {
            Allocated++;
            return null;
        }

        public void Dispose() => _inner.Dispose();
    }

    private sealed class FailingSlice(ICompiledSlice inner, bool works) : ICompiledSlice
    {
        public Graph Graph => inner.Graph;

        public IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs) =>
            works ? inner.Bind(inputs, outputs) : throw new ProcessorFailedException("this memory cannot be bound");

        public void Dispose() => inner.Dispose();
    }
}

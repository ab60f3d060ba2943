using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Tests;

namespace Tandem.Profiling.Tests;

public sealed class NetworkProfilerTests
{
    private static readonly ProfilingOptions Quick = new() { MinRuns = 1, MaxRuns = 2 };

    private readonly Network _network = RandomNetworks.Branchy(9);
    private readonly SliceKeys _keys;
    private readonly string[] _kernelKeys;
    private readonly Profile _profile = new();
    private int _compiled;

    public NetworkProfilerTests()
    {
        _keys = new SliceKeys(_network);
        _kernelKeys = [.. _network.Kernels.Select(k => _keys.Of(new KernelRange(k.Index, k.Index + 1))).Distinct()];
    }

    [Fact]
    public void Every_distinct_kernel_its_halves_and_the_whole_network_are_measured_once()
    {
        using NullProcessor cpu = Processor("cpu", 1);
        using NullProcessor gpu = Processor("gpu", 2);
        using NullProcessor all = Processor("all", 4);
        Profiler(Quick).Measure(_network, [cpu, gpu], [all], _profile, cancellation: TestContext.Current.CancellationToken);
        string[] halves = [.. _network.Kernels.SelectMany(Halves).Select(_keys.Of).Distinct()];
        Assert.NotEmpty(halves);
        Assert.Equal(2 * (_kernelKeys.Length + halves.Length + 1) + 1, _profile.Samples.Count);
        Assert.Equal(_profile.Samples.Count, _compiled);
        foreach (NullProcessor processor in new[] { cpu, gpu })
        {
            Assert.All(_kernelKeys.Concat(halves).Append(_keys.Whole), key => Assert.InRange(
                _profile.Find(processor.Info.Key, key)!.MedianMilliseconds, 0, double.MaxValue));
        }
        Assert.NotNull(_profile.Find(all.Info.Key, _keys.Whole));
        Assert.Equal((0, 0), (cpu.LiveSlices, cpu.LiveBindings));
    }

    [Fact]
    public void What_is_known_is_not_measured_again_unless_asked()
    {
        using NullProcessor cpu = Processor("cpu", 1);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Profiler(Quick).Measure(_network, [cpu], [], _profile, cancellation: cancellation);
        int first = _compiled;
        Profiler(Quick).Measure(_network, [cpu], [], _profile, cancellation: cancellation);
        Assert.Equal(first, _compiled);
        Profiler(Quick with { Again = true }).Measure(_network, [cpu], [], _profile, cancellation: cancellation);
        Assert.Equal(2 * first, _compiled);
    }

    [Fact]
    public void Refusals_are_noted_with_the_reason_and_not_asked_again()
    {
        Network network = KernelDetector.Detect(Small());
        var keys = new SliceKeys(network);
        int asked = 0;
        using var gpu = new NullProcessor("gpu", _ => default, refuses: slice =>
        {
            asked++;
            return slice.Operators.FirstOrDefault(op => op.Type == "MaxPool");
        });
        for (int i = 0; i < 2; i++)
        {
            Profiler(Quick).Measure(network, [gpu], [], _profile, cancellation: TestContext.Current.CancellationToken);
        }
        Assert.Equal(network.Kernels.Count + 1, asked);
        Assert.Contains("MaxPool", _profile.Refusal(gpu.Info.Key, keys.Of(new KernelRange(1, 2))), StringComparison.Ordinal);
        Assert.NotNull(_profile.Refusal(gpu.Info.Key, keys.Whole));
        Assert.Null(_profile.Refusal(gpu.Info.Key, keys.Of(new KernelRange(0, 1))));
        Assert.NotNull(_profile.Find(gpu.Info.Key, keys.Of(new KernelRange(0, 1))));
    }

    [Fact]
    public void Time_limit_ends_with_one_line_and_keeps_what_was_measured()
    {
        using NullProcessor cpu = Processor("cpu", 1);
        var time = new SteppingTime(TimeSpan.FromSeconds(1));
        var profiler = new NetworkProfiler(Quick with { TimeLimit = TimeSpan.FromSeconds(3) }, time);
        TandemException e = Assert.Throws<TandemException>(() => profiler.Measure(
            _network, [cpu], [], _profile, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("time limit of 3 s", e.Message, StringComparison.Ordinal);
        Assert.Contains($"{_kernelKeys.Length + 1 - 3} measurements left", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, _profile.Samples.Count);
    }

    [Fact]
    public void Cancelling_keeps_what_was_measured()
    {
        using NullProcessor cpu = Processor("cpu", 1);
        using var cancel = new CancellationTokenSource();
        var progress = new Progress(p =>
        {
            Assert.Equal(_kernelKeys.Length + 1, p.Total);
            if (p.Done == 2)
            {
                cancel.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(
            () => Profiler(Quick).Measure(_network, [cpu], [], _profile, progress, cancel.Token));
        Assert.Equal(3, _profile.Samples.Count);
    }

    [Fact]
    public void Profile_comes_back_from_its_store()
    {
        using NullProcessor cpu = Processor("cpu", 1);
        using NullProcessor gpu = Processor("gpu", 2);
        Profiler(Quick).Measure(_network, [cpu, gpu], [], _profile, cancellation: TestContext.Current.CancellationToken);
        new LinkProfiler(Quick, TimeProvider.System).Measure([cpu, gpu], _profile);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-profiling-");
        try
        {
            var read = new Profile();
            using (var store = new ProfileStore(Path.Combine(folder.FullName, "p.db"), DeviceFingerprint.Current(), null))
            {
                _profile.Save(store);
                read.Load(store, [cpu.Info.Key, gpu.Info.Key]);
            }
            Assert.Equal(_profile.Samples.Count, read.Samples.Count);
            Assert.Equal(_profile.Costs.Count, read.Costs.Count);
            Assert.All(_profile.Samples, s => Assert.Equal(
                s.MedianMilliseconds, read.Find(s.ProcessorKey, s.KernelSignature)!.MedianMilliseconds));
            Assert.All(_profile.Costs, c => Assert.Equal(c.Value, read.Cost(c.Subject, c.Name, -1)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(2, 5, 0, 2)]
    [InlineData(2, 5, 60_000, 5)]
    public void Number_of_runs_lies_between_its_limits(int least, int most, int perKernelMs, int expected)
    {
        int runs = 0;
        var options = new ProfilingOptions { MinRuns = least, MaxRuns = most, PerKernel = TimeSpan.FromMilliseconds(perKernelMs) };
        LatencyStatistics times = SliceTimer.Repeat(() => runs++, options);
        Assert.Equal((expected + 1, expected), (runs, times.RunCount));
    }

    private IEnumerable<SliceSpec> Halves(Kernel kernel) => new[] { SliceAxis.Channels, SliceAxis.Rows }
        .Where(axis => Slicer.CanCut(_network, kernel.Index, kernel.Index + 1, axis, Share.FirstHalf, out _))
        .Select(axis => new SliceSpec(new(kernel.Index, kernel.Index + 1), axis, Share.FirstHalf));

    private static NetworkProfiler Profiler(ProfilingOptions options) => new(options, TimeProvider.System);

    private NullProcessor Processor(string name, int threads) => new(
        new ProcessorInfo(name, ProcessorKind.Null, "null", "1", name, [], threads, false),
        _ =>
        {
            _compiled++;
            return default;
        });

    private static Graph Small()
    {
        var net = new Graphs.Networks.GraphBuilder("small");
        Tensor x = net.Conv(net.Input("image", 1, 3, 8, 8), 4, 3, pad: 1);
        return net.Build(1, net.Relu(net.MaxPool(x, 2, 2)));
    }

    /// <summary>Tells on the spot; the framework's own tells some time later.</summary>
    private sealed class Progress(Action<ProfilingProgress> report) : IProgress<ProfilingProgress>
    {
        public void Report(ProfilingProgress value) => report(value);
    }

    /// <summary>A clock that goes on by one step each time it is read.</summary>
    private sealed class SteppingTime(TimeSpan step) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now += step.Ticks;
    }
}

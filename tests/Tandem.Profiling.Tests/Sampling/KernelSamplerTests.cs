using Tandem.Graphs;
using Tandem.Prediction;
using Tandem.Prediction.Kernels;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Profiling.Sampling;

namespace Tandem.Profiling.Tests.Sampling;

public sealed class KernelSamplerTests
{
    private static readonly SamplingOptions Quick = new()
    {
        Passes = 2,
        RoundsPerPass = 2,
        PerRound = TimeSpan.Zero,
        LeastRuns = 1,
        HeldKernels = 5,
    };

    private readonly DrawnKernel[] _kernels = [.. DrawnKernel.Draw(3).Where(k => k.HeldBytes < 1 << 22).Take(12)];
    private readonly Profile _profile = new();
    private readonly List<string> _order = [];
    private int _live;

    [Fact]
    public void Every_kernel_gets_a_sample_its_halves_and_as_many_runs_as_asked_on_every_processor()
    {
        using NullProcessor cpu = Processor("cpu");
        using NullProcessor gpu = Processor("gpu");
        int kept = 0;
        IReadOnlyList<SamplingResult> results = Sampler(Quick).Measure(
            _kernels, [cpu, gpu], _profile, () => kept++, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["cpu", "gpu"], results.Select(r => r.Processor));
        Assert.All(results, r => Assert.Equal((12, 0, 12), (r.Kernels, r.Refused, r.RepeatedKernels)));
        Assert.All(results, r => Assert.InRange(r.Repeatable, 0, 1));
        Assert.Equal(24, _profile.Samples.Count);
        Assert.All(_profile.Samples, s => Assert.Equal(2 * 2, s.RunCount));
        foreach (DrawnKernel kernel in _kernels)
        {
            Sample sample = _profile.Find(cpu.Info.Key, kernel.Key)!;
            Assert.Equal(kernel.Configuration.ToString(), sample.KernelDescription);
            Assert.InRange(sample.P10Milliseconds, 0, sample.MedianMilliseconds);
            Assert.All(new[] { 0, 1 }, half => Assert.True(_profile.Cost(gpu.Info.Key, CostNames.HalfOfRounds(kernel.Key, half), -1) >= 0));
        }
        Assert.InRange(kept, Quick.Passes, int.MaxValue);
        Assert.Equal((0, 0, 0, 0), (cpu.LiveSlices, cpu.LiveBindings, gpu.LiveSlices, gpu.LiveBindings));
    }

    [Fact]
    public void Kernels_take_turns_and_the_reference_runs_before_each_round()
    {
        using NullProcessor cpu = Processor("cpu");
        Sampler(Quick).Measure(_kernels[..3], [cpu], _profile, cancellation: TestContext.Current.CancellationToken);
        // Runs of one slice in a row count as one turn.
        List<string> turns = [.. _order.Where((graph, i) => i == 0 || _order[i - 1] != graph)];
        string reference = turns[0];
        Assert.Equal(Quick.Passes * Quick.RoundsPerPass * 3, turns.Count(t => t == reference));
        string[] kernels = [.. turns.Where(t => t != reference)];
        Assert.Equal(3, kernels[..3].Distinct().Count());
        for (int i = 3; i < kernels.Length; i++)
        {
            Assert.Equal(kernels[i - 3], kernels[i]);
        }
    }

    [Fact]
    public void Only_so_many_kernels_are_compiled_at_a_time()
    {
        using NullProcessor cpu = Processor("cpu");
        Sampler(Quick).Measure(_kernels, [cpu], _profile, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Quick.HeldKernels + 1, _live);
        _live = 0;
        Sampler(Quick with { HeldBytes = 1, Again = true }).Measure(_kernels, [cpu], _profile, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(2, _live);
    }

    [Fact]
    public void What_is_known_is_not_measured_again_unless_asked()
    {
        using NullProcessor cpu = Processor("cpu");
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Sampler(Quick).Measure(_kernels[..4], [cpu], _profile, cancellation: cancellation);
        foreach (DrawnKernel kernel in _kernels[..4])
        {
            // A processor that does nothing may take no time at all, as the clock sees it.
            _profile.Add(new Measurement(cpu.Info.Key, CostNames.HalfOfRounds(kernel.Key, 0), 1, "ms", DateTimeOffset.UnixEpoch));
        }
        Assert.Equal(8, Sampler(Quick).Measure(_kernels, [cpu], _profile, cancellation: cancellation)[0].Kernels);
        Assert.Equal(12, Sampler(Quick with { Again = true }).Measure(_kernels, [cpu], _profile, cancellation: cancellation)[0].Kernels);
    }

    [Fact]
    public void Refused_kernels_are_noted_and_the_others_measured()
    {
        using NullProcessor cpu = Processor("cpu", graph => graph.Operators[0].Type == "Conv" ? null : graph.Operators[0]);
        SamplingResult result = Sampler(Quick).Measure(_kernels, [cpu], _profile, cancellation: TestContext.Current.CancellationToken)[0];
        Assert.True(result is { Refused: > 0, Kernels: > 0 } && result.Refused + result.Kernels == _kernels.Length, result.ToString());
        Assert.Equal(result.Refused, _kernels.Count(k => _profile.Refusal(cpu.Info.Key, k.Key) is not null));
    }

    [Fact]
    public void What_was_measured_before_an_interruption_is_kept()
    {
        using var interruption = new CancellationTokenSource();
        using NullProcessor cpu = new("cpu", _ => default, (graph, _) =>
        {
            _order.Add(graph.Name);
            if (_order.Count > 60)
            {
                interruption.Cancel();
            }
        });
        bool isKept = false;
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Sampler(Quick).Measure(_kernels, [cpu], _profile, () => isKept = true, cancellation: interruption.Token));
        Assert.True(isKept);
        Assert.InRange(_profile.Samples.Count, 1, _kernels.Length);
        Assert.Equal((0, 0), (cpu.LiveSlices, cpu.LiveBindings));
    }

    [Fact]
    public void Past_the_time_limit_each_pass_ends_with_the_same_kernels()
    {
        using NullProcessor cpu = Processor("cpu");
        SamplingResult result = Sampler(Quick with { TimeLimit = TimeSpan.FromTicks(1) })
            .Measure(_kernels, [cpu], _profile, cancellation: TestContext.Current.CancellationToken)[0];
        Assert.Equal((Quick.HeldKernels, 0), (result.Kernels, result.RepeatedKernels));
    }

    [Fact]
    public void Samples_and_halves_survive_the_store_and_teach_a_predictor()
    {
        using NullProcessor cpu = Processor("cpu");
        Sampler(Quick).Measure(_kernels, [cpu], _profile, cancellation: TestContext.Current.CancellationToken);
        string folder = Directory.CreateTempSubdirectory("tandem-sampling").FullName;
        try
        {
            string path = Path.Combine(folder, "profile.db");
            using (var store = new ProfileStore(path, DeviceFingerprint.Current()))
            {
                _profile.Save(store);
            }
            var read = new Profile();
            using (var store = new ProfileStore(path, DeviceFingerprint.Current()))
            {
                read.Load(store, [cpu.Info.Key]);
            }
            foreach (DrawnKernel kernel in _kernels)
            {
                Assert.Equal(_profile.Find(cpu.Info.Key, kernel.Key)!.MedianMilliseconds, read.Find(cpu.Info.Key, kernel.Key)!.MedianMilliseconds);
                string half = CostNames.HalfOfRounds(kernel.Key, 1);
                Assert.True(CostNames.IsOfSampling(half));
                Assert.Equal(_profile.Cost(cpu.Info.Key, half, -1), read.Cost(cpu.Info.Key, half, -2));
            }
            Assert.Equal(
                _kernels.Select(k => k.Configuration).OrderBy(c => c.ToString(), StringComparer.Ordinal),
                KernelEstimates.Samples(read, cpu.Info.Key).Select(s => s.Configuration).OrderBy(c => c.ToString(), StringComparer.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static KernelSampler Sampler(SamplingOptions options) => new(options, TimeProvider.System);

    private NullProcessor Processor(string name, Func<Graph, Operator?>? refuses = null)
    {
        NullProcessor? made = null;
        made = new NullProcessor(
            new ProcessorInfo(name, ProcessorKind.Null, "null", "1", name, [], 1, false),
            _ => default,
            (graph, _) =>
            {
                _order.Add(GraphSignature.Of(graph));
                _live = Math.Max(_live, made!.LiveSlices);
            },
            refuses);
        return made;
    }
}

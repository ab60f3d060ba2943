using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Tests;

namespace Tandem.Profiling.Tests;

public sealed class KernelTunerTests
{
    private static readonly ProfilingOptions Quick = new() { MinRuns = 1, MaxRuns = 1 };

    private readonly Network _network = RandomNetworks.Branchy(9);
    private readonly Profile _profile = new();

    [Fact]
    public void Variant_that_works_is_used_and_what_was_measured_is_not_measured_again()
    {
        using var gpu = new VariantProcessor("slow registers", "good", "large memory") { Works = "good" };
        new KernelTuner(Quick, TimeProvider.System).Tune(_network, [gpu], _profile, cancellation: TestContext.Current.CancellationToken);
        Assert.NotEmpty(gpu.Used);
        Assert.All(gpu.Used.Values, variant => Assert.Equal("good", variant));
        Assert.Equal(3 * gpu.Used.Count, gpu.Compiled);
        new KernelTuner(Quick, TimeProvider.System).Tune(_network, [gpu], _profile, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(3 * gpu.Used.Count, gpu.Compiled);
        new KernelTuner(Quick with { Again = true }, TimeProvider.System)
            .Tune(_network, [gpu], _profile, cancellation: TestContext.Current.CancellationToken);
        Assert.True(gpu.Compiled >= 6 * gpu.Used.Count);
    }

    [Fact]
    public void Processor_keeps_its_own_guess_where_every_variant_fails()
    {
        using var gpu = new VariantProcessor("a", "b");
        new KernelTuner(Quick, TimeProvider.System).Tune(_network, [gpu], _profile, cancellation: TestContext.Current.CancellationToken);
        Assert.NotEmpty(gpu.Used);
        Assert.All(gpu.Used.Values, Assert.Null);
    }

    [Fact]
    public void Fastest_variant_of_the_profile_is_used()
    {
        using var gpu = new VariantProcessor("a", "b", "c");
        AddVariant(gpu, "conv;1;2;4", "a", 30);
        AddVariant(gpu, "conv;1;2;4", "b", 20);
        AddVariant(gpu, "conv;1;2;4", "c", 0, CostNames.FailedUnit);
        AddVariant(gpu, "gemm of rows;1;2;4", "c", 5);
        _profile.Add(new Measurement("another", CostNames.VariantOf("conv;1;2;4", "c"), 1, "us", default));
        KernelTuner.Apply(_profile, [gpu]);
        Assert.Equal(
            new Dictionary<string, string?> { ["conv;1;2;4"] = "b", ["gemm of rows;1;2;4"] = "c" }, gpu.Used);
    }

    [Fact]
    public void Tuning_ends_in_time_and_goes_on_the_next_time()
    {
        using var gpu = new VariantProcessor("a", "b") { Works = "b" };
        var late = new KernelTuner(Quick with { TuningTimeLimit = TimeSpan.FromSeconds(-1) }, TimeProvider.System);
        late.Tune(_network, [gpu], _profile, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(0, gpu.Compiled);
        Assert.Empty(_profile.Costs);
        new KernelTuner(Quick, TimeProvider.System).Tune(_network, [gpu], _profile, cancellation: TestContext.Current.CancellationToken);
        Assert.All(gpu.Used.Values, variant => Assert.Equal("b", variant));
    }

    [Fact]
    public void Samples_of_a_kernel_that_was_tuned_later_are_forgotten()
    {
        using var gpu = new VariantProcessor("a", "b") { Works = "b" };
        string kernel = new SliceKeys(_network).Of(new KernelRange(0, 1));
        _profile.Add(new Sample(gpu.Info.Key, kernel, "conv", 1, 1, 1, 1, default));
        _profile.Add(new Sample("another", kernel, "conv", 1, 1, 1, 1, default));
        new KernelTuner(Quick, TimeProvider.System).Tune(_network, [gpu], _profile, cancellation: TestContext.Current.CancellationToken);
        Assert.Null(_profile.Find(gpu.Info.Key, kernel));
        Assert.NotNull(_profile.Find("another", kernel));
    }

    [Fact]
    public void Names_of_variants_are_read_back()
    {
        Assert.Equal(("a of b;1;2;3", "tiled 8x8"), CostNames.ReadVariant(CostNames.VariantOf("a of b;1;2;3", "tiled 8x8")));
        Assert.Null(CostNames.ReadVariant(CostNames.Launch));
        Assert.True(CostNames.IsOfTuning(CostNames.Tuned("x")));
        Assert.False(CostNames.IsOfTuning(CostNames.HandOver));
    }

    private void AddVariant(IProcessor gpu, string kernelClass, string variant, double microseconds, string unit = "us") =>
        _profile.Add(new Measurement(gpu.Info.Key, CostNames.VariantOf(kernelClass, variant), microseconds, unit, default));

    /// <summary>A processor of which one variant of each kernel works; a class is an operator's type.</summary>
    private sealed class VariantProcessor(params string[] variants) : ITunableProcessor
    {
        private readonly NullProcessor _inner = new("gpu", _ => default);

        public string? Works { get; init; }

        public Dictionary<string, string?> Used { get; } = [];

        public int Compiled { get; private set; }

        public ProcessorInfo Info => _inner.Info;

        public void EnterWorkerThread() => _inner.EnterWorkerThread();

        public IReadOnlyList<TunableKernel> TunableKernels(Graph slice) => [new TunableKernel(slice.Operators[0].Type, variants)];

        public void UseVariant(string kernelClass, string? variant) => Used[kernelClass] = variant;

        public ICompiledSlice Compile(Graph slice)
        {
            Compiled++;
            return Used[slice.Operators[0].Type] == Works
                ? _inner.Compile(slice)
                : throw new ProcessorFailedException("this variant needs too many registers");
        }

        public void Dispose() => _inner.Dispose();
    }
}

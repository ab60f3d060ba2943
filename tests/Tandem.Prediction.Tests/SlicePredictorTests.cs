using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Store;
using Tandem.Tests;

namespace Tandem.Prediction.Tests;

public sealed class SlicePredictorTests
{
    private const string Cpu = "key of cpu";

    private readonly Network _network = KernelDetector.Detect(Chain());
    private readonly Profile _profile;
    private readonly SlicePredictor _predictor;

    public SlicePredictorTests()
    {
        _profile = KnownLatencies.Of(_network, 3, [Cpu]);
        _predictor = new SlicePredictor(_network, _profile);
    }

    [Fact]
    public void What_was_measured_is_predicted_as_it_was()
    {
        SliceKeys keys = _predictor.Keys;
        foreach (KernelRange range in _network.Kernels.Select(k => new KernelRange(k.Index, k.Index + 1)).Append(new(0, _network.Kernels.Count)))
        {
            var sample = _profile.Find(Cpu, keys.Of(range))!;
            Latency predicted = _predictor.Predict(Cpu, SliceSpec.Of(range));
            Assert.Equal(sample.MedianMilliseconds, predicted.MeanMs);
            Assert.Equal((sample.P90Milliseconds - sample.P10Milliseconds) / 2.563, predicted.StdDevMs, 1e-12);
        }
        // Of parts only those of single kernels are measured.
        var quarter = new SliceSpec(new(1, 2), SliceAxis.Rows, new Share(0, 0.25));
        _profile.Add(KnownLatencies.Sample(Cpu, keys.Of(quarter), "quarter", 42));
        Assert.Equal(42, _predictor.Predict(Cpu, quarter).MeanMs);
    }

    [Fact]
    public void Missing_sample_is_never_taken_for_no_time()
    {
        TandemException e = Assert.Throws<TandemException>(
            () => _predictor.Predict("another processor", SliceSpec.Of(new KernelRange(1, 2))));
        Assert.Contains($"'{_network.Kernels[1].Name}' ({_network.Kernels[1].Type})", e.Message, StringComparison.Ordinal);
        Assert.Contains("tandem profile", e.Message, StringComparison.Ordinal);
        Assert.Throws<TandemException>(() => _predictor.Predict(Cpu + "2", new(new(0, 2), SliceAxis.Rows, new Share(0, 0.5))));
    }

    [Fact]
    public void Steps_beside_others_take_longer_by_the_measured_contention_and_observed_steps_have_it_in_them()
    {
        var slice = new SliceSpec(new KernelRange(1, 2), SliceAxis.Channels, new Share(0, 0.25));
        double alone = _predictor.Predict(Cpu, slice).MeanMs;
        Assert.Equal(alone, _predictor.Predict(Cpu, slice, besideOthers: true).MeanMs);
        void Add(string name, double times) => _profile.Add(new Measurement(Cpu, name, times, "times", DateTimeOffset.UnixEpoch));
        // The kernels are small: all of their time is computing.
        Add(CostNames.MemoryContention, 3);
        Add(CostNames.ComputeContention, 1);
        Assert.Equal(alone, _predictor.Predict(Cpu, slice, besideOthers: true).MeanMs, 1e-12);
        Add(CostNames.ComputeContention, 1.2);
        Assert.Equal(1.2 * alone, _predictor.Predict(Cpu, slice, besideOthers: true).MeanMs, 1e-9);
        Assert.Equal(alone, _predictor.Predict(Cpu, slice).MeanMs);
        SliceSpec measured = SliceSpec.Of(new KernelRange(1, 2));
        Assert.Equal(1.2 * _predictor.Predict(Cpu, measured).MeanMs, _predictor.Predict(Cpu, measured, besideOthers: true).MeanMs, 1e-9);
        _predictor.Observe(Cpu, slice, new Latency(7, 0.1));
        Assert.Equal(7, _predictor.Predict(Cpu, slice, besideOthers: true).MeanMs);
    }

    [Fact]
    public void What_waits_for_memory_grows_by_the_contention_of_memory()
    {
        var builder = new GraphBuilder("large");
        Network network = KernelDetector.Detect(builder.Build(1, builder.Relu(builder.Input("x", 1, 16, 512, 512))));
        Profile profile = KnownLatencies.Of(network, 1, [Cpu]);
        var predictor = new SlicePredictor(network, profile);
        SliceSpec all = SliceSpec.Of(new KernelRange(0, 1));
        profile.Add(new Measurement(Cpu, CostNames.MemoryContention, 1.5, "times", DateTimeOffset.UnixEpoch));
        // 32 MB at this speed take half of the kernel's time.
        double gigabytesPerSecond = 2 * 2 * 16 * 512 * 512 * sizeof(float) / (predictor.Predict(Cpu, all).MeanMs * 1e6);
        profile.Add(new Measurement(CostNames.Memory, CostNames.ReadBandwidth, gigabytesPerSecond, "GB/s", DateTimeOffset.UnixEpoch));
        Assert.Equal(
            1.25 * predictor.Predict(Cpu, all).MeanMs, predictor.Predict(Cpu, all, besideOthers: true).MeanMs, 1e-9);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 4)]
    [InlineData(1, 3)]
    public void Larger_share_of_rows_takes_longer(int first, int end)
    {
        double last = 0;
        for (int rows = 1; rows <= 7; rows++)
        {
            double ms = _predictor.Predict(Cpu, new(new(first, end), SliceAxis.Rows, new Share(0, rows / 8.0))).MeanMs;
            Assert.True(ms > last, $"{rows} rows of 8: {ms} ms, one row less: {last} ms");
            last = ms;
        }
    }

    [Fact]
    public void Both_halves_of_rows_together_take_longer_than_the_whole()
    {
        // Halo and the part of a kernel that does not shrink.
        var whole = new KernelRange(0, 1);
        double both = _predictor.Predict(Cpu, new(whole, SliceAxis.Rows, new Share(0, 0.5))).MeanMs
            + _predictor.Predict(Cpu, new(whole, SliceAxis.Rows, new Share(0.5, 1))).MeanMs;
        Assert.True(both > _predictor.Predict(Cpu, SliceSpec.Of(whole)).MeanMs);
    }

    [Fact]
    public void Measured_half_says_how_a_kernel_scales()
    {
        var kernel = new KernelRange(1, 2);
        SliceSpec rows = new(kernel, SliceAxis.Rows, Share.FirstHalf);
        _profile.Add(new Measurement(CostNames.Memory, CostNames.RowCopy, 1e12, "GB/s", DateTimeOffset.UnixEpoch));
        _profile.Add(KnownLatencies.Sample(Cpu, _predictor.Keys.Of(SliceSpec.Of(kernel)), "whole", 10));
        _profile.Add(KnownLatencies.Sample(Cpu, _predictor.Keys.Of(rows), "half", 6));
        // 2 ms that do not shrink and 8 ms that do.
        Assert.Equal(6, _predictor.Predict(Cpu, rows).MeanMs);
        Assert.Equal(4, _predictor.Predict(Cpu, rows with { Share = new Share(0, 0.25) }).MeanMs, 1e-6);
        Assert.Equal(8, _predictor.Predict(Cpu, rows with { Share = new Share(0.25, 1) }).MeanMs, 1e-6);
    }

    [Fact]
    public void Slices_in_8_bits_are_predicted_from_kernels_in_8_bits_and_teach_nothing_of_float32()
    {
        SliceSpec half = new(new(0, 2), SliceAxis.Rows, new Share(0, 0.5));
        SliceSpec quantized = half with { Precision = NumericPrecision.Int8 };
        Assert.Contains("int8", Assert.Throws<TandemException>(() => _predictor.Predict(Cpu, quantized)).Message, StringComparison.Ordinal);
        foreach (SliceSpec slice in _network.Kernels.Select(k => SliceSpec.Of(new(k.Index, k.Index + 1))).Append(SliceSpec.Of(new(0, _network.Kernels.Count))))
        {
            double ms = _profile.Find(Cpu, _predictor.Keys.Of(slice))!.MedianMilliseconds / 4;
            _profile.Add(KnownLatencies.Sample(Cpu, _predictor.Keys.Of(slice with { Precision = NumericPrecision.Int8 }), "int8", ms));
        }
        var predictor = new SlicePredictor(_network, _profile);
        double inFloat = predictor.Predict(Cpu, half).MeanMs;
        double before = predictor.Predict(Cpu, quantized).MeanMs;
        // Rows are copied in float32 whatever computes them.
        Assert.InRange(before, inFloat / 4, inFloat / 2);
        predictor.Observe(Cpu, quantized, new Latency(7 * before, 0.1));
        Assert.Equal(inFloat, predictor.Predict(Cpu, half).MeanMs);
        Assert.Equal(7 * before, predictor.Predict(Cpu, quantized).MeanMs);
        predictor.Observe(Cpu, half, new Latency(3 * inFloat, 0.1));
        Assert.Equal(7 * before, predictor.Predict(Cpu, quantized).MeanMs);
        Assert.Null(predictor.Refusal(Cpu, half.Kernels, half.Axis, NumericPrecision.Int8));
        _profile.AddRefusal(Cpu, predictor.Keys.Of(SliceSpec.Of(new(1, 2)) with { Precision = NumericPrecision.Int8 }), "no such kernel");
        Assert.Equal("no such kernel", predictor.Refusal(Cpu, half.Kernels, half.Axis, NumericPrecision.Int8));
        Assert.Null(predictor.Refusal(Cpu, half.Kernels, half.Axis, NumericPrecision.Float32));
    }

    [Fact]
    public void Observation_is_predicted_from_then_on_and_corrects_other_shares()
    {
        SliceSpec half = new(new(0, 2), SliceAxis.Rows, new Share(0, 0.5));
        SliceSpec quarter = half with { Share = new Share(0, 0.25) };
        SliceSpec elsewhere = new(new(2, 4), SliceAxis.Rows, new Share(0, 0.5));
        SliceSpec channels = new(new(0, 1), SliceAxis.Channels, new Share(0, 0.5));
        double[] before = [.. new[] { half, quarter, elsewhere, channels }.Select(s => _predictor.Predict(Cpu, s).MeanMs)];
        _predictor.Observe(Cpu, half, new Latency(3 * before[0], 0.1));
        Assert.Equal(new Latency(3 * before[0], 0.1), _predictor.Predict(Cpu, half));
        Assert.Equal(3 * before[1], _predictor.Predict(Cpu, quarter).MeanMs, 1e-9);
        Assert.Equal(3 * ObservedSteps.Caution * before[2], _predictor.Predict(Cpu, elsewhere).MeanMs, 1e-9);
        Assert.Equal(before[3], _predictor.Predict(Cpu, channels).MeanMs, 1e-9);
        // The newer of two observations counts.
        _predictor.Observe(Cpu, half, new Latency(2 * before[0], 0.1));
        Assert.Equal(2 * before[0], _predictor.Predict(Cpu, half).MeanMs);
        Assert.Equal(2 * before[1], _predictor.Predict(Cpu, quarter).MeanMs, 1e-9);
    }

    [Fact]
    public void Refusal_of_any_kernel_is_that_of_all_that_contains_it()
    {
        SliceKeys keys = _predictor.Keys;
        Assert.Null(_predictor.Refusal(Cpu, new(0, 4)));
        _profile.AddRefusal(Cpu, keys.Of(new KernelRange(2, 3)), "no pooling");
        Assert.Null(_predictor.Refusal(Cpu, new(0, 2)));
        Assert.Equal("no pooling", _predictor.Refusal(Cpu, new(0, 4)));
        Assert.Null(_predictor.Refusal("all", new(0, 4)));
        _profile.AddRefusal("all", keys.Whole, "too large");
        Assert.Equal("too large", _predictor.Refusal("all", new(0, 4)));
        Assert.Null(_predictor.Refusal("all", new(0, 3)));
    }

    [Fact]
    public void Keys_depend_on_structure_and_not_on_names_or_weights()
    {
        var other = new SliceKeys(KernelDetector.Detect(Chain(seed: 5, input: "picture")));
        SliceKeys keys = _predictor.Keys;
        Assert.Equal(keys.Whole, other.Whole);
        Assert.Equal(keys.Whole, keys.Of(new KernelRange(0, 4)));
        SliceSpec[] specs =
        [
            .. from kernels in new KernelRange[] { new(0, 1), new(0, 2), new(1, 2), new(0, 4) }
               from axis in new[] { SliceAxis.None, SliceAxis.Channels, SliceAxis.Rows }
               from share in axis == SliceAxis.None ? [Share.All] : new Share[] { new(0, 0.5), new(0.5, 1), new(0, 0.25) }
               select new SliceSpec(kernels, axis, share),
        ];
        Assert.Equal(specs.Length, specs.Select(keys.Of).Distinct().Count());
        Assert.All(specs, s => Assert.Equal(keys.Of(s), other.Of(s)));
    }

    private static Graph Chain(int seed = 1, string input = "image")
    {
        var net = new GraphBuilder("chain");
        Tensor x = net.Relu(net.Conv(net.Input(input, 1, 3, 32, 32), 16, 3, pad: 1));
        x = net.Relu(net.Conv(x, 16, 3, pad: 1));
        return net.Build(seed, net.Relu(net.Conv(net.MaxPool(x, 2, 2), 32, 3, pad: 1)));
    }
}

using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Kernels;
using Tandem.Prediction.Store;
using Tandem.Tests;

namespace Tandem.Prediction.Tests.Kernels;

public sealed class KernelLatencyPredictorTests
{
    private const string Cpu = "key of cpu";
    private const double Near = 0.1;

    // What CoDL reports for kernels of CPUs (MobiSys 2022).
    private const double CodlNear = 0.8621;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Kernels_that_were_not_measured_are_predicted_as_well_as_by_codl_in_two_kilobytes_a_family(int seed)
    {
        var device = new SyntheticDevice(seed, 0.03);
        KernelLatencyPredictor predictor = KernelLatencyPredictor.Fit(
            [.. Enumerable.Range(0, 700).Select(_ => device.Measure(device.Next(), SyntheticDevice.Start))]);
        Assert.InRange(NearShare(predictor, device), CodlNear, 1);
        Assert.All(predictor.Models, m => Assert.InRange(m.SizeInBytes, 1, 2047));
        Assert.Contains(predictor.Models, m => m.SampleCount > 100 && m.Family == "conv 3x3");
    }

    [Fact]
    public void Speed_of_the_machine_while_measuring_is_taken_out()
    {
        var device = new SyntheticDevice(3, 0.02);
        IEnumerable<KernelSample> usual = Enumerable.Range(0, 400).Select(_ => device.Measure(device.Next(), SyntheticDevice.Start));
        IEnumerable<KernelSample> slow = Enumerable.Range(0, 200)
            .Select(_ => device.Measure(device.Next(), SyntheticDevice.Start.AddMinutes(1), 1.4));
        Assert.InRange(NearShare(KernelLatencyPredictor.Fit([.. usual, .. slow]), device), CodlNear, 1);
    }

    [Fact]
    public void Stored_predictor_predicts_the_same()
    {
        var device = new SyntheticDevice(4, 0.03);
        KernelLatencyPredictor predictor = KernelLatencyPredictor.Fit(
            [.. Enumerable.Range(0, 100).Select(_ => device.Measure(device.Next(), SyntheticDevice.Start))]);
        using var stream = new MemoryStream();
        predictor.Write(stream);
        stream.Position = 0;
        KernelLatencyPredictor read = KernelLatencyPredictor.Read(stream);
        for (int i = 0; i < 50; i++)
        {
            KernelConfiguration kernel = device.Next();
            Assert.Equal(predictor.Predict(kernel), read.Predict(kernel));
        }
        stream.SetLength(stream.Length / 2);
        stream.Position = 0;
        Assert.Throws<TandemException>(() => KernelLatencyPredictor.Read(stream));
    }

    [Fact]
    public void Anything_takes_some_time_and_nothing_measured_teaches_nothing()
    {
        var device = new SyntheticDevice(5, 0.03);
        KernelLatencyPredictor predictor = KernelLatencyPredictor.Fit(
            [.. Enumerable.Range(0, 40).Select(_ => device.Measure(device.Next(), SyntheticDevice.Start))]);
        foreach (long extent in new long[] { 1, 1000, 100_000 })
        {
            KernelConfiguration far = device.Next() with { };
            far = far with { Shape = far.Shape with { Rows = extent, InputRows = extent, Type = extent == 1 ? "never seen" : far.Shape.Type } };
            Latency latency = predictor.Predict(far);
            Assert.True(latency.MeanMs > 0 && double.IsFinite(latency.MeanMs) && latency.StdDevMs > 0, $"{far}: {latency}");
        }
        Assert.Throws<TandemException>(() => KernelLatencyPredictor.Fit([]));
    }

    [Fact]
    public void Configurations_are_read_as_they_were_written()
    {
        Network network = KernelDetector.Detect(ModelZoo.Make(ModelZoo.DefaultName));
        foreach (Kernel kernel in network.Kernels)
        {
            foreach (SliceAxis axis in new[] { SliceAxis.None, SliceAxis.Channels, SliceAxis.Rows })
            {
                var range = new KernelRange(kernel.Index, kernel.Index + 1);
                SliceSpec slice = axis == SliceAxis.None ? SliceSpec.Of(range) : new(range, axis, Share.FirstHalf);
                KernelConfiguration configuration = KernelConfiguration.Of(network, slice)!.Value;
                Assert.True(KernelConfiguration.TryParse(configuration.ToString(), out KernelConfiguration read));
                Assert.Equal(configuration, read);
            }
        }
        Assert.Null(KernelConfiguration.Of(network, SliceSpec.Of(new KernelRange(0, 2))));
        foreach (string other in new[] { "", "Conv+Relu", "all of vgg16", "Conv|conv|1,2", "Conv|conv|" + string.Join(',', Enumerable.Repeat("x", 16)) })
        {
            Assert.False(KernelConfiguration.TryParse(other, out _), other);
        }
    }

    [Fact]
    public void Kernel_that_was_not_measured_is_estimated_where_that_is_wanted_and_says_how_uncertain_it_is()
    {
        Network network = KernelDetector.Detect(ModelZoo.Make(ModelZoo.DefaultName));
        var profile = new Profile();
        var device = new SyntheticDevice(6, 0.03);
        for (int i = 0; i < 300; i++)
        {
            KernelSample sample = device.Measure(device.Next(), SyntheticDevice.Start);
            profile.Add(new Sample(Cpu, $"{i}", sample.Configuration.ToString(),
                sample.Milliseconds, sample.Milliseconds, sample.Milliseconds, 5, sample.TakenAt));
        }
        var estimating = new SlicePredictor(network, profile, new KernelEstimates(network, profile));
        SliceSpec first = SliceSpec.Of(new KernelRange(0, 1));
        Latency estimate = estimating.Predict(Cpu, first);
        Assert.True(estimate.MeanMs > 0 && estimate.StdDevMs >= 0.15 * estimate.MeanMs, estimate.ToString());
        Latency whole = estimating.Predict(Cpu, SliceSpec.Of(new KernelRange(0, network.Kernels.Count)));
        Assert.True(whole.MeanMs > estimate.MeanMs && double.IsFinite(whole.MeanMs), whole.ToString());
        Latency half = estimating.Predict(Cpu, new SliceSpec(new KernelRange(0, 1), SliceAxis.Rows, Share.FirstHalf));
        Assert.InRange(half.MeanMs, 0.25 * estimate.MeanMs, estimate.MeanMs * 1.5);
        Assert.Throws<TandemException>(() => new SlicePredictor(network, profile).Predict(Cpu, first));
        Assert.Throws<TandemException>(() => estimating.Predict("another processor", first));
        // What was measured itself is not estimated.
        profile.Add(KnownLatencies.Sample(Cpu, estimating.Keys.Of(new KernelRange(0, 1)), "Conv", 42));
        Assert.Equal(42, estimating.Predict(Cpu, first).MeanMs);
    }

    private static double NearShare(KernelLatencyPredictor predictor, SyntheticDevice device)
    {
        KernelConfiguration[] unseen = [.. Enumerable.Range(0, 400).Select(_ => device.Next())];
        return unseen.Count(k => Math.Abs(predictor.Predict(k).MeanMs / SyntheticDevice.ExactMs(k) - 1) <= Near) / (double)unseen.Length;
    }
}

using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Prediction.MuLayer;
using Tandem.Tests;

namespace Tandem.Prediction.Tests.MuLayer;

public sealed class LayerPredictorTests
{
    private static readonly double[] Parts = [1, 0.5];

    [Fact]
    public void Linear_device_is_recovered() => Recovers(RegressionForm.Linear, f => 0.02 + 1e-7 * f.X1 + 3e-6 * f.X2 + 2e-9 * f.Work);

    [Fact]
    public void Logarithmic_device_is_recovered() =>
        Recovers(RegressionForm.Logarithmic, f => 1e-5 * Math.Pow(f.X1, 0.7) * Math.Pow(f.X2, 0.4));

    [Fact]
    public void Noise_of_five_percent_costs_less_than_ten()
    {
        var random = new Random(3);
        double Device(LayerFeatures f) => 0.01 + 2e-9 * f.Work;
        LayerSample[] samples = [.. Convolutions(60, 1).Select(s => s with { Ms = Device(s.Features) * (0.95 + 0.1 * random.NextDouble()) })];
        RegressionLayerPredictor predictor = RegressionLayerPredictor.Fit(samples);
        LayerSample[] unseen = [.. Convolutions(40, 2)];
        Assert.All(unseen, s => Assert.InRange(predictor.PredictMs(s.Features) / Device(s.Features), 0.9, 1.1));
    }

    [Fact]
    public void One_sample_makes_latency_proportional_to_the_ratio()
    {
        LayerSample sample = Convolutions(1, 5)[0] with { Ms = 4 };
        LayerRegression regression = LayerRegression.FitBest([sample]);
        Assert.Equal(RegressionForm.Proportional, regression.Form);
        Assert.Equal(1, regression.PredictMs(sample.Features with { X2 = sample.Features.X2 / 4 }), 1e-9);
    }

    [Fact]
    public void Latency_is_positive_and_never_falls_with_the_ratio() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(50),
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            Network network = RandomNetworks.Any(seed);
            var predictor = new SlicePredictor(network, KnownLatencies.Of(network, seed, ["cpu"]));
            RegressionLayerPredictor fitted = RegressionLayerPredictor.Fit(LayerSample.Of(network, predictor, "cpu"));
            foreach (Kernel kernel in network.Kernels)
            {
                double[] ms = [.. new[] { 0.25, 0.5, 0.75, 1 }.Select(p => fitted.PredictMs(LayerFeatures.Of(network.Graph, kernel, p)))];
                Assert.All(ms, m => Assert.True(m > 0 && double.IsFinite(m)));
                Assert.All(ms.Zip(ms.Skip(1)), pair => Assert.True(pair.First <= pair.Second * (1 + 1e-9)));
            }
        }));

    [Fact]
    public void Features_are_Neurosurgeon_s()
    {
        var net = new GraphBuilder("layers");
        Tensor x = net.Conv(net.Input("image", 1, 3, 16, 16), 8, 3, stride: 2, pad: 1);
        x = net.DepthwiseConv(x, 3, 1, 1);
        x = net.MaxPool(x, 2, 2);
        Graph graph = net.Build(1, net.Gemm(net.Flatten(x), 10));
        Network network = KernelDetector.Detect(graph);
        LayerFeatures Of(string type) => LayerFeatures.Of(graph, network.Kernels.First(k => k.Type == type), 0.5);

        LayerFeatures conv = LayerFeatures.Of(graph, network.Kernels[0], 0.5);
        Assert.Equal(("Conv", 3 * 16 * 16.0, 0.5 * 9 / 4 * 8), (conv.LayerType, conv.X1, conv.X2));
        LayerFeatures depthwise = LayerFeatures.Of(graph, network.Kernels[1], 0.5);
        Assert.Equal(("DepthwiseConv", 0.5 * 8 * 8 * 8, 9.0), (depthwise.LayerType, depthwise.X1, depthwise.X2));
        Assert.Equal(("Pooling", 0.5 * 8 * 8 * 8, 0.5 * 8 * 4 * 4), (Of("MaxPool").LayerType, Of("MaxPool").X1, Of("MaxPool").X2));
        Assert.Equal(("FullyConnected", 128.0, 5.0), (Of("Gemm").LayerType, Of("Gemm").X1, Of("Gemm").X2));
        Assert.Equal(0.5 * (2 * 128 * 10 + 10), Of("Gemm").Flops);
    }

    [Fact]
    public void Unknown_layer_type_is_named()
    {
        TandemException e = Assert.Throws<TandemException>(
            () => RegressionLayerPredictor.Fit([]).PredictMs(new LayerFeatures("Softmax", 1, 1, false, 1)));
        Assert.Contains("Softmax", e.Message, StringComparison.Ordinal);
        Assert.Throws<TandemException>(() => FlopLayerPredictor.Fit([]));
    }

    [Fact]
    public void Flop_predictor_is_the_slope_through_the_origin()
    {
        LayerSample[] samples = [.. Convolutions(20, 8).Select(s => s with { Ms = 3e-9 * s.Features.Flops })];
        var predictor = FlopLayerPredictor.Fit(samples);
        Assert.All(samples, s => Assert.Equal(s.Ms, predictor.PredictMs(s.Features), s.Ms * 1e-9));
    }

    private static void Recovers(RegressionForm form, Func<LayerFeatures, double> device)
    {
        LayerSample[] samples = [.. Convolutions(40, 1).Select(s => s with { Ms = device(s.Features) })];
        RegressionLayerPredictor predictor = RegressionLayerPredictor.Fit(samples);
        Assert.Equal(form, predictor.ByType["Conv"].Form);
        Assert.All(Convolutions(40, 2), s => Assert.InRange(predictor.PredictMs(s.Features) / device(s.Features), 0.999, 1.001));
    }

    /// <summary>Random convolutions, whole and half, as a profile has them.</summary>
    private static List<LayerSample> Convolutions(int count, int seed)
    {
        var random = new Random(seed);
        List<LayerSample> samples = [];
        for (int i = 0; i < count; i++)
        {
            double input = random.Next(3, 512) * Math.Pow(random.Next(7, 112), 2);
            double filters = Math.Pow(1 + 2 * random.Next(0, 3), 2) * random.Next(16, 512);
            samples.AddRange(Parts.Select(p => new LayerSample(
                $"{i}", new LayerFeatures("Conv", input, p * filters, true, 2 * p * input * filters), 1)));
        }
        return samples;
    }
}

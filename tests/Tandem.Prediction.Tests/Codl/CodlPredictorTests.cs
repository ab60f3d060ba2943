using System.Text;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Codl;
using Tandem.Prediction.Store;
using Tandem.Tests;

namespace Tandem.Prediction.Tests.Codl;

/// <summary>The predictor against devices whose latencies are known because they are computed.</summary>
public sealed class CodlPredictorTests
{
    private const string Processor = "block device";
    private const double Overhead = 0.004;

    private static readonly (string Name, int ImageSize)[] Networks =
        [("resnet50", 64), ("googlenet", 96), ("squeezenet1.1", 112), ("squeezenet1.1", 80), ("yolov2-tiny", 96), ("googlenet", 128)];

    private static readonly Lazy<CodlTrainingSet> Blocks = new(() => Set(BlockMs));

    [Fact]
    public void Device_of_blocks_is_recovered_on_a_network_that_was_not_seen()
    {
        CodlTrainingSet set = Blocks.Value;
        foreach (MeasuredNetwork heldOut in set.Networks)
        {
            CodlPredictor predictor = set.Fit(heldOut);
            MeasuredKernel[] convolutions = [.. heldOut.Kernels.Where(k => k.Shape.Type is "conv 1x1" or "conv 3x3")];
            Assert.NotEmpty(convolutions);
            Assert.All(convolutions, k => Assert.InRange(predictor.AloneMs(k) / k.Ms, 0.95, 1.05));
        }
    }

    [Fact]
    public void Steps_are_predicted_and_not_smoothed()
    {
        CodlPredictor predictor = Blocks.Value.Fit();
        var shape = new KernelShape
        {
            Type = "conv 1x1",
            Batch = 1,
            Rows = 28,
            Columns = 28,
            Channels = 64,
            Groups = 1,
            Depth = 128,
            InputRows = 28,
            InputColumns = 28,
            InputChannels = 128,
            WindowRows = 1,
            WindowColumns = 1,
            StrideRows = 1,
            ReadsAllChannels = true,
        };
        // 33 channels take the time of 64; 32 take half of it.
        Assert.InRange(predictor.ComputeMs(shape.WithChannels(33)) / predictor.ComputeMs(shape), 0.95, 1.05);
        Assert.InRange(predictor.ComputeMs(shape.WithChannels(32)) / predictor.ComputeMs(shape), 0.45, 0.58);
    }

    [Fact]
    public void More_work_is_never_predicted_to_take_less()
    {
        CodlPredictor predictor = Blocks.Value.Fit();
        foreach (MeasuredKernel kernel in Blocks.Value.Networks[1].Kernels.Where(k => k.Part == 1 && k.Shape.Rows > 1))
        {
            double before = 0;
            for (long rows = 1; rows <= kernel.Shape.Rows; rows++)
            {
                double ms = predictor.ComputeMs(kernel.Shape.WithRows(rows));
                Assert.True(ms >= before);
                before = ms;
            }
        }
    }

    [Fact]
    public void Predictor_takes_less_than_2_KB_for_each_type()
    {
        CodlTrainingSet set = Blocks.Value;
        CodlPredictor predictor = set.Fit();
        int bytes = Encoding.UTF8.GetByteCount(predictor.ToJson());
        Assert.True(bytes < 2048 * predictor.Models.Count, $"{bytes} bytes for {predictor.Models.Count} types");
        Assert.All(predictor.Models, m => Assert.Equal(8, m.UnitMs.Count));
    }

    [Fact]
    public void Saved_predictor_predicts_the_same()
    {
        CodlTrainingSet set = Blocks.Value;
        CodlPredictor predictor = set.Fit();
        CodlPredictor read = CodlPredictor.FromJson(predictor.ToJson());
        Assert.All(set.Networks.SelectMany(n => n.Kernels), k => Assert.Equal(predictor.AloneMs(k), read.AloneMs(k)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"sharing":{"launchMs":1,"transformMsPerByte":0,"rowCopyMsPerByte":0},"models":[]}""")]
    [InlineData("""{"sharing":null,"models":[null]}""")]
    public void What_is_no_predictor_is_refused_in_one_line(string json)
    {
        TandemException e = Assert.Throws<TandemException>(() => CodlPredictor.FromJson(json));
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Profile_without_samples_is_refused()
    {
        Network network = KernelDetector.Detect(ModelZoo.Make("tandem-demo"));
        var set = new CodlTrainingSet(Processor, new Profile());
        set.Add(network, new SliceKeys(network));
        Assert.Contains("tandem profile", Assert.Throws<TandemException>(() => set.Fit()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_network_saves_against_its_kernels_is_the_cost_of_transforms()
    {
        const double PerByte = 5e-8;
        Network network = KernelDetector.Detect(ModelZoo.Make("squeezenet1.1"));
        var keys = new SliceKeys(network);
        var profile = new Profile();
        double computing = 0;
        foreach (Kernel kernel in network.Kernels)
        {
            double ms = BlockMs(KernelShape.Of(kernel, network.Graph));
            computing += ms;
            bool isTransformed = KernelShape.Of(kernel, network.Graph).HasOwnLayout;
            double bytes = isTransformed ? kernel.Inputs.Concat(kernel.Outputs).Sum(t => (double)network.Graph.Tensors[t].SizeInBytes) : 0;
            string key = keys.Of(new KernelRange(kernel.Index, kernel.Index + 1));
            profile.Add(KnownLatencies.Sample(Processor, key, kernel.Type, ms + PerByte * bytes));
        }
        profile.Add(new Measurement(Processor, CostNames.Launch, 0, "us", DateTimeOffset.UnixEpoch));
        double ends = network.Graph.Inputs.Concat(network.Graph.Outputs).Sum(t => (double)t.SizeInBytes);
        profile.Add(KnownLatencies.Sample(Processor, keys.Whole, "all", computing + PerByte * ends));
        CodlPredictor predictor = new CodlTrainingSet(Processor, profile).Add(network, keys).Fit();
        // Compared are the 10th percentiles, which are nine tenths of these samples' medians.
        Assert.Equal(0.9 * PerByte, predictor.Sharing.TransformMsPerByte, PerByte / 100);
    }

    /// <summary>Blocks of 14 pixels by 32 channels that all take the same time for each input of the window.</summary>
    private static double BlockMs(KernelShape shape)
    {
        double pixels = Math.Ceiling(shape.Batch * shape.Rows * shape.Columns / 14.0);
        double channels = shape.Groups * Math.Ceiling((double)shape.Channels / shape.Groups / 32);
        return pixels * channels * shape.Depth * shape.WindowRows * shape.WindowColumns * 1e-5 + Overhead;
    }

    private static CodlTrainingSet Set(Func<KernelShape, double> latency)
    {
        var profile = new Profile();
        var set = new CodlTrainingSet(Processor, profile);
        foreach ((string name, int imageSize) in Networks)
        {
            Network network = KernelDetector.Detect(ModelZoo.Make(name, imageSize));
            var keys = new SliceKeys(network);
            foreach (Kernel kernel in network.Kernels)
            {
                var range = new KernelRange(kernel.Index, kernel.Index + 1);
                KernelShape shape = KernelShape.Of(kernel, network.Graph);
                Add(keys.Of(range), shape);
                if (Slicer.CanCut(network, range.First, range.End, SliceAxis.Channels, Share.FirstHalf, out _))
                {
                    Add(keys.Of(new SliceSpec(range, SliceAxis.Channels, Share.FirstHalf)),
                        shape.WithChannels(Share.FirstHalf.Indices(shape.Channels).To));
                }
            }
            set.Add(network, keys);
        }
        return set;

        void Add(string key, KernelShape shape) => profile.Add(KnownLatencies.Sample(Processor, key, shape.Type, latency(shape)));
    }
}

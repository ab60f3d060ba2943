using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Quantization.Calibration;
using Tandem.Learning.Data;
using Tandem.Learning.Differentiation;
using Tandem.Learning.Training;
using Tandem.Progressive.Evaluation;
using Tandem.Progressive.Quantization;

namespace Tandem.Progressive.Tests.Evaluation;

/// <summary>A network that was trained for some seconds, in float32 and in 8 bits.</summary>
public sealed class TrainedNetworkTests(ITestOutputHelper output)
{
    private const int Side = 12;
    private const int Batch = 32;
    private const int Steps = 60;

    [Fact]
    public void Eight_bits_cost_a_trained_network_little_accuracy()
    {
        StoredImages training = Quadrants(400, seed: 1);
        var scaling = ChannelStatistics.Of(training);
        Graph trained = Train(training, Augmentation.None(scaling));
        var classification = Classification.Of(trained);
        Graph quantized = PostTrainingQuantizer.Quantize(
            trained, new CalibrationSet(training, scaling, 32).Inputs(), CalibrationMethods.Default, new QuantizationOptions(),
            cancellation: TestContext.Current.CancellationToken);
        using var single = new SessionClassifier("fp32", OnnxFile.Serialize(trained), classification);
        using var bytes = new SessionClassifier("int8", OnnxFile.Serialize(quantized), classification);
        var scores = new AccuracyEvaluator(classification, Quadrants(400, seed: 99), scaling).Evaluate(
            [single, bytes], cancellation: TestContext.Current.CancellationToken);
        (ClassificationScore full, ClassificationScore eight) = (scores[0][0], scores[1][0]);
        output.WriteLine($"float32 {full.Accuracy:0.000}, 8 bits {eight.Accuracy:0.000}, agree {eight.Agreement:0.000}");
        Assert.True(full.Accuracy > 0.8, $"float32: {full.Accuracy}");
        Assert.InRange(eight.Accuracy, full.Accuracy - 0.04, full.Accuracy + 0.04);
        Assert.InRange(eight.Agreement, 0.9, 1);
        Assert.NotEqual(single.Scores(0).ToArray(), bytes.Scores(0).ToArray());
    }

    private static Graph Train(StoredImages images, Augmentation scaling)
    {
        Graph network = InitialWeights.Draw(Small(Batch), 1);
        using var session = new TrainingSession(
            TrainingGraph.Build(network, draft => Losses.SoftmaxCrossEntropy(
                draft, draft[network.Outputs[0].Name], draft.Input(new Tensor("labels", ElementType.Int64, new Shape(Batch)))), new Adam()), 1);
        using var loader = new BatchLoader(images, scaling, new BatchLoaderOptions { BatchSize = Batch, Seed = 1 });
        for (int step = 0; step < Steps; step++)
        {
            Learning.Data.Batch batch = loader.Next()!;
            batch.Images.AsSpan<float>().CopyTo(session.Input<float>("image"));
            batch.Labels.AsSpan<long>().CopyTo(session.Input<long>("labels"));
            session.Step(0.005);
        }
        Graph exported = session.Export();
        Graph one = Small(1);
        return new Graph(
            one.Name, one.Opsets, one.Inputs, [.. one.Outputs.Select(o => o.Name)], one.Operators,
            one.Constants.Values.Select(constant => exported.Constants.GetValueOrDefault(constant.Tensor.Name, constant)));
    }

    private static Graph Small(int batch)
    {
        var net = new GraphBuilder("small");
        Tensor x = net.Input("image", batch, 3, Side, Side);
        x = net.Relu(net.BatchNorm(net.Conv(x, 12, 3, stride: 2, pad: 1, bias: false)));
        x = net.Relu(net.BatchNorm(net.Conv(x, 24, 3, stride: 2, pad: 1, bias: false)));
        return net.Build(1, net.Gemm(net.Flatten(x), 4));
    }

    /// <summary>Noise with one quadrant a little brighter, which is the class.</summary>
    private static StoredImages Quadrants(int count, ulong seed)
    {
        var shape = new ImageShape(3, Side, Side);
        var random = new RandomSequence(seed);
        byte[] samples = new byte[count * shape.SampleCount];
        for (int i = 0; i < samples.Length; i++)
        {
            int place = i % shape.PlaneSize;
            int quadrant = (place / Side / (Side / 2) * 2) + (place % Side / (Side / 2));
            samples[i] = (byte)(random.Next(200) + (quadrant == i / shape.SampleCount % 4 ? 40 : 0));
        }
        return new StoredImages(shape, ["a", "b", "c", "d"], samples, [.. Enumerable.Range(0, count).Select(i => i % 4)]);
    }
}

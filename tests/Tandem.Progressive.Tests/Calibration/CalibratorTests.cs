using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Onnx;
using Tandem.Learning.Data;
using Tandem.Processors.OnnxRuntime;
using Tandem.Progressive.Calibration;
using Tandem.Tests;

namespace Tandem.Progressive.Tests.Calibration;

public sealed class CalibratorTests
{
    private static readonly ProceduralImages Images = new(150, 5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scores_in_batches_are_those_of_each_image_alone(bool endsInSoftmax)
    {
        Graph graph = SmallProgressiveNetwork.Make(endsInSoftmax);
        ProgressiveDescription description = ProgressiveDescription.Of(graph)!;
        using var scorer = new ExitScorer(graph, description);
        ExitScores scores = scorer.Score(Images, null, TestContext.Current.CancellationToken);

        using var session = new InferenceSession(OnnxFile.Serialize(graph));
        foreach (int image in new[] { 0, 77, 149 })
        {
            float[][] alone = Run(session, graph, description, image);
            for (int exit = 0; exit < 3; exit++)
            {
                float[] expected = endsInSoftmax && exit == 2 ? [.. alone[exit].Select(p => MathF.Log(p))] : alone[exit];
                Assert.All(scores.Logits(exit, image).ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
            }
            Assert.Equal(Images.LabelOf(image), scores.LabelOf(image));
        }
    }

    [Fact]
    public void A_calibrated_network_travels_in_one_file()
    {
        Graph graph = SmallProgressiveNetwork.Make();
        ProgressiveDescription description = ProgressiveDescription.Of(graph)!;
        using var scorer = new ExitScorer(graph, description);
        ExitScores scores = scorer.Score(Images, null, TestContext.Current.CancellationToken);
        int[] all = [.. Enumerable.Range(0, Images.Count)];

        ProgressiveDescription calibrated = Calibrator.Calibrate(
            graph, description, "procedural", scores.Of(all[..100]), scores.Of(all[100..]),
            new CalibratorOptions { FitsTemperatures = true, PerExit = true });
        byte[] file = OnnxFile.Serialize(calibrated.Describe(graph));
        ProgressiveDescription read = ProgressiveDescription.Of(OnnxFile.Parse(file, "staged"))!;

        Assert.Equal(calibrated.Exits, read.Exits);
        Assert.Equal(calibrated.Means, read.Means);
        CalibrationTable table = read.Calibration!;
        Assert.Equal(("procedural", 100, 50), (table.Data, table.Images, table.TestImages));
        Assert.Equal(calibrated.Calibration!.FullMacs, table.FullMacs);
        Assert.Equal(calibrated.Calibration.Chosen.Shares, table.Chosen.Shares);
        Assert.Equal(ThresholdSweep.Thresholds.Count, table.Points.Count);
        Assert.Equal(read.Exits.Take(2).Select(exit => exit.Threshold), table.Chosen.Thresholds);
        Assert.Equal(calibrated.Calibration.Exits[1].Bins, table.Exits[1].Bins);
        Assert.True(table.FullMacs < read.Exits[^1].Macs, "heads are not part of the network without exits");
        Assert.True(read.Calibration!.Exits.All(exit => exit.ErrorAfter is >= 0 and <= 1));
        Assert.InRange(graph.Metadata[ProgressiveDescription.MetadataKey].Length, 1, 1000);
        Assert.InRange(calibrated.Describe(graph).Metadata[ProgressiveDescription.MetadataKey].Length, 1000, 30_000);
    }

    [Fact]
    public void A_softmax_output_keeps_temperature_1()
    {
        Graph graph = SmallProgressiveNetwork.Make(endsInSoftmax: true);
        ProgressiveDescription description = ProgressiveDescription.Of(graph)!;
        using var scorer = new ExitScorer(graph, description);
        ExitScores scores = scorer.Score(Images, null, TestContext.Current.CancellationToken);

        ProgressiveDescription calibrated = Calibrator.Calibrate(
            graph, description, "procedural", scores, null, new CalibratorOptions { FitsTemperatures = true });

        Assert.Equal(1, calibrated.Exits[^1].Temperature);
        Assert.NotEqual(1, calibrated.Exits[0].Temperature);
        Assert.Null(calibrated.Calibration!.Test);
    }

    [Fact]
    public void A_calibration_of_other_exits_is_refused()
    {
        Graph graph = SmallProgressiveNetwork.Make();
        ProgressiveDescription description = ProgressiveDescription.Of(graph)!;
        var point = new OperatingPoint([0.5], 0.5, [0.5, 0.5]);
        Graph damaged = (description with { Calibration = new CalibrationTable("x", 1, 1, [], [point], point) }).Describe(graph);

        var refused = Assert.Throws<InvalidModelException>(() => ProgressiveDescription.Of(damaged));

        Assert.Contains("contradicts itself", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_and_classes_that_do_not_fit_are_refused()
    {
        Graph graph = SmallProgressiveNetwork.Make();
        using var scorer = new ExitScorer(graph, ProgressiveDescription.Of(graph)!);
        var small = new StoredImages(new ImageShape(3, 16, 16), ["a", "b"], new byte[2 * 768], [0, 1]);
        var few = new StoredImages(new ImageShape(3, 32, 32), ["a", "b"], new byte[2 * 3072], [0, 1]);

        Assert.Contains("3x16x16", Assert.Throws<CalibrationException>(() => scorer.Score(small, null, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains("2 classes", Assert.Throws<CalibrationException>(() => scorer.Score(few, null, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

        ProgressiveDescription named = ProgressiveDescription.Of(graph)! with { Classes = CifarRecords.ClassNames };
        using var cifar = new ExitScorer(graph, named);
        Assert.Contains("'airplane'", Assert.Throws<CalibrationException>(() => cifar.Score(Images, null, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    private static float[][] Run(InferenceSession session, Graph graph, ProgressiveDescription description, int image)
    {
        byte[] samples = new byte[Images.Shape.SampleCount];
        Images.Read(image, samples);
        int plane = Images.Shape.PlaneSize;
        float[] numbers = [.. samples.Select((sample, i) =>
            ((sample / 255f) - description.Means[i / plane]) / description.StandardDeviations[i / plane])];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(numbers, [1, 3, 32, 32]);
        IReadOnlyList<OrtValue> outputs = session.Run(null, [graph.Inputs[0].Name], [input], [.. description.Exits.Select(exit => exit.Output)]);
        float[][] results = [.. outputs.Select(output => output.GetTensorDataAsSpan<float>().ToArray())];
        foreach (OrtValue output in outputs)
        {
            output.Dispose();
        }
        return results;
    }
}

using Tandem.Learning.Data;
using Tandem.Learning.Images;
using Tandem.Learning.Tests.Data;
using Tandem.Learning.Training;

namespace Tandem.Learning.Tests.Training;

public class EvaluatorTests
{
    private static readonly ImageShape Shape = TrainerTests.Shape;

    [Theory]
    [InlineData(16)]
    [InlineData(19)]
    [InlineData(5)]
    public void Each_image_counts_once_however_the_last_batch_is_filled(int count)
    {
        StoredImages images = TestSets.Noise(count, 4, Shape);
        string[] outputs = [TinyNetwork.EarlyOutput, TinyNetwork.LastOutput];
        IReadOnlyList<OutputScore> inBatches = Scores(8, images, outputs);
        IReadOnlyList<OutputScore> oneByOne = Scores(1, images, outputs);
        Assert.Equal(outputs, inBatches.Select(score => score.Output));
        foreach ((OutputScore a, OutputScore b) in inBatches.Zip(oneByOne))
        {
            Assert.Equal(b.Accuracy, a.Accuracy, 1e-12);
            Assert.Equal(b.Loss, a.Loss, 1e-5);
            Assert.Equal(Math.Round(a.Accuracy * count), a.Accuracy * count, 1e-9);
        }
    }

    [Fact]
    public void The_loss_of_probabilities_is_the_objectives()
    {
        using var session = new TrainingSession(TrainingGraph.Build(TinyNetwork.Make(8), TinyNetwork.Objective.AddLoss, new Sgd()), 1);
        StoredImages images = TestSets.Noise(8, 4, Shape);
        OutputScore score = Evaluate(session, images, [TinyNetwork.LastOutput])[0];
        Assert.Equal(session.Evaluate(), score.Loss, 1e-5);
    }

    [Fact]
    public void Label_smoothing_adds_its_share_of_the_mean_over_classes()
    {
        StoredImages images = TestSets.Noise(8, 4, Shape);
        double[] losses = [.. new[] { 0, 0.2, 0.4 }.Select(smoothing =>
        {
            var objective = new ClassificationObjective(TinyNetwork.EarlyOutput, smoothing);
            using var session = new TrainingSession(TrainingGraph.Build(TinyNetwork.Make(8), objective.AddLoss, new Sgd()), 1);
            Evaluate(session, images, [TinyNetwork.EarlyOutput]);
            return (double)session.Evaluate();
        })];
        // Linear in the share, and no longer the plain cross-entropy.
        Assert.Equal(losses[0] + losses[2], 2 * losses[1], 1e-5);
        Assert.NotEqual(losses[0], losses[1], 1e-4);
    }

    private static IReadOnlyList<OutputScore> Scores(int batch, ILabelledImages images, string[] outputs)
    {
        using var session = new TrainingSession(TrainingGraph.Build(TinyNetwork.Make(batch), TinyNetwork.Objective.AddLoss, new Sgd()), 1);
        return Evaluate(session, images, outputs);
    }

    private static IReadOnlyList<OutputScore> Evaluate(TrainingSession session, ILabelledImages images, string[] outputs) =>
        Evaluator.Evaluate(session, TinyNetwork.Objective, 1, images, Augmentation.None(PixelScaling.Unit), outputs);
}

using Tandem.Learning.Data;
using Tandem.Learning.Images;
using Tandem.Learning.Metrics;
using Tandem.Learning.Tests.Data;
using Tandem.Learning.Training;

namespace Tandem.Learning.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private const int Batch = 8;
    private const int Images = 44;
    private const int StepsPerEpoch = Images / Batch;
    private const int Epochs = 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-trainer-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Training_interrupted_at_any_step_ends_with_the_same_weights_to_the_last_bit()
    {
        byte[][] expected;
        using (TrainingSession whole = Open())
        {
            MakeTrainer(whole, new TrainerOptions { Epochs = Epochs, MetricsPath = PathOf("whole.csv"), StepsPerRow = 4 }).Run(TestContext.Current.CancellationToken);
            expected = Weights(whole);
        }
        foreach (int[] interruptions in new int[][] { [1], [StepsPerEpoch], [new Random(5).Next(StepsPerEpoch + 1, StepsPerEpoch * Epochs)], [3, 4, 11] })
        {
            string name = string.Join('-', interruptions);
            foreach (int at in interruptions)
            {
                Assert.Throws<OperationCanceledException>(() => { Part(name, at); });
            }
            Assert.Equal(expected, Part(name, null));
            MetricsRow[] rows = Rows($"{name}.csv");
            MetricsRow[] wholeRows = Rows("whole.csv");
            Assert.Equal(wholeRows.Select(r => r.Step), rows.Select(r => r.Step));
            foreach ((MetricsRow row, MetricsRow other) in rows.Zip(wholeRows).Where(r => r.First.Kind == MetricsKind.Epoch))
            {
                Assert.Equal(
                    (other.TrainingLoss, other.TrainingAccuracy, other.ValidationLoss, other.ValidationAccuracy),
                    (row.TrainingLoss, row.TrainingAccuracy, row.ValidationLoss, row.ValidationAccuracy));
            }
        }
    }

    [Fact]
    public void An_interruption_while_validating_repeats_only_that()
    {
        using var stop = new CancellationTokenSource();
        using (TrainingSession session = Open())
        {
            // The data set cancels when it is validated with: after an epoch's steps, before its row.
            var watched = new CancellingImages(TestSets.Noise(Images, 4, Shape), stop);
            var trainer = new Trainer(
                session, Objective(session), new ConstantSchedule(0.05), Data() with { Validation = watched },
                new TrainerOptions { Epochs = Epochs, CheckpointPath = PathOf("c") });
            Assert.Throws<OperationCanceledException>(() => { trainer.Run(stop.Token); });
            Assert.Equal(1, trainer.EpochsDone);
        }
        using TrainingSession again = Open();
        var rows = new List<MetricsRow>();
        Trainer next = MakeTrainer(again, new TrainerOptions { Epochs = Epochs, EpochDone = rows.Add });
        next.Resume(PathOf("c"));
        next.Run(TestContext.Current.CancellationToken);
        Assert.Equal([1.0, 2.0, 3.0], rows.Select(r => r.Epoch));
        Assert.Equal(StepsPerEpoch * Epochs, again.Steps);
    }

    [Fact]
    public void A_loss_that_is_no_number_names_step_and_rate_and_keeps_the_last_good_checkpoint()
    {
        string path = PathOf("good");
        using TrainingSession session = Open();
        var schedule = new StepSchedule(0.01, 1e30, StepsPerEpoch + 2);
        Trainer trainer = MakeTrainer(session, new TrainerOptions { Epochs = Epochs, CheckpointPath = path }, schedule);
        var e = Assert.Throws<TrainingDivergedException>(() => { trainer.Run(TestContext.Current.CancellationToken); });
        Assert.InRange(e.Step, StepsPerEpoch + 2, (2 * StepsPerEpoch) - 1);
        Assert.Contains($"in step {e.Step} at learning rate 1e+28", e.Message, StringComparison.Ordinal);
        Assert.Contains($"checkpoint '{path}' is kept", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Checkpoint kept = CheckpointFile.Load(path);
        Assert.Equal(StepsPerEpoch, kept.Steps);
        Assert.All(kept.Tensors, tensor => Assert.All(tensor.AsSpan<float>().ToArray(), value => Assert.True(float.IsFinite(value))));
    }

    [Fact]
    public void Weights_that_are_no_numbers_replace_no_checkpoint()
    {
        string path = PathOf("good");
        using TrainingSession session = Open();
        using var stop = new CancellationTokenSource();
        // The last step of the epoch has a loss that is a number and leaves weights that are not.
        var schedule = new StepSchedule(0.01, 1e300, (2 * StepsPerEpoch) - 1);
        Trainer trainer = MakeTrainer(session, new TrainerOptions { Epochs = Epochs, CheckpointPath = path }, schedule);
        Assert.Throws<TrainingDivergedException>(() => { trainer.Run(stop.Token); });
        Assert.Equal(StepsPerEpoch, CheckpointFile.Load(path).Steps);
    }

    [Fact]
    public void A_checkpoint_of_other_data_batch_or_recipe_is_refused()
    {
        string path = PathOf("c");
        using (TrainingSession session = Open())
        {
            MakeTrainer(session, new TrainerOptions { Epochs = 1, CheckpointPath = path, Recipe = "no exits" }).Run(TestContext.Current.CancellationToken);
        }
        using TrainingSession other = Open();
        foreach (TrainerOptions options in new[] { new TrainerOptions { Seed = 2, Recipe = "no exits" }, new TrainerOptions { Recipe = "six exits" } })
        {
            string message = Assert.Throws<TrainingException>(() => MakeTrainer(other, options).Resume(path)).Message;
            Assert.Contains("seed 1, batch 8, 44 images, no exits", message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
        CheckpointFile.Save(other.Capture(), path);
        Assert.Throws<TrainingException>(() => MakeTrainer(other, new TrainerOptions()).Resume(path));
    }

    [Fact]
    public void A_finished_training_that_is_resumed_only_validates()
    {
        string path = PathOf("c");
        TrainingResult first;
        using (TrainingSession session = Open())
        {
            first = MakeTrainer(session, new TrainerOptions { Epochs = 1, CheckpointPath = path }).Run(TestContext.Current.CancellationToken);
        }
        using TrainingSession again = Open();
        Trainer trainer = MakeTrainer(again, new TrainerOptions { Epochs = 1 });
        trainer.Resume(path);
        TrainingResult second = trainer.Run(TestContext.Current.CancellationToken);
        Assert.Equal(first.Scores, second.Scores);
        Assert.Equal(first.Steps, second.Steps);
        Assert.True(second.Seconds >= first.Seconds);
    }

    [Fact]
    public void Networks_and_data_that_do_not_fit_are_refused()
    {
        using TrainingSession session = Open();
        TrainingData data = Data();
        Refused("4 classes, the data has 3", data with { Training = TestSets.Noise(Images, 3, Shape) });
        Refused("3x8x8, the data has 3x4x5", data with { Training = TestSets.Noise(Images, 4) });
        Refused("epochs", data, new TrainerOptions { Epochs = 0 });
        Assert.Contains("batch", Assert.Throws<DatasetException>(
            () => Make(data with { Training = TestSets.Noise(Batch - 1, 4, Shape) }, null)).Message, StringComparison.Ordinal);

        void Refused(string part, TrainingData refused, TrainerOptions? options = null)
        {
            string message = Assert.Throws<TrainingException>(() => Make(refused, options)).Message;
            Assert.Contains(part, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }

        Trainer Make(TrainingData with, TrainerOptions? options) =>
            new(session, Objective(session), new ConstantSchedule(0.1), with, options);
    }

    [Fact]
    public void A_tiny_network_learns_what_is_easy()
    {
        // The class is the channel that is bright.
        byte[] samples = new byte[120 * Shape.SampleCount];
        int[] labels = [.. Enumerable.Range(0, 120).Select(i => i % 4)];
        new Random(1).NextBytes(samples);
        for (int i = 0; i < labels.Length; i++)
        {
            Span<byte> image = samples.AsSpan(i * Shape.SampleCount, Shape.SampleCount);
            foreach (ref byte sample in image)
            {
                sample /= 4;
            }
            foreach (ref byte sample in labels[i] < 3 ? image.Slice(labels[i] * Shape.PlaneSize, Shape.PlaneSize) : default)
            {
                sample += 120;
            }
        }
        var images = new StoredImages(Shape, ["red", "green", "blue", "dark"], samples, labels);
        using TrainingSession session = Open();
        var trainer = new Trainer(
            session, Objective(session), new CosineSchedule(0.05, 75, 5), new TrainingData(images, images, Augmentation.None(ChannelStatistics.Of(images))),
            new TrainerOptions { Epochs = 5 });
        TrainingResult result = trainer.Run(TestContext.Current.CancellationToken);
        Assert.Equal(1, result.Scores[^1].Accuracy);
        Assert.Equal(75, result.Steps);
        Assert.True(result.ImagesPerSecond > 0);
    }

    internal static ImageShape Shape { get; } = new(3, 8, 8);

    internal static TrainingSession Open() => new(TrainingGraph.Build(TinyNetwork.Make(Batch), TinyNetwork.Objective.AddLoss, new Sgd(WeightDecay: 5e-4)), 1);

    private static ClassificationObjective Objective(TrainingSession session) => new(session.Graph.Forward.Outputs[^1].Name);

    private static TrainingData Data() => new(
        TestSets.Noise(Images, 4, Shape), TestSets.Noise(Images + 3, 4, Shape), Augmentation.CropAndFlip(PixelScaling.Unit, 1));

    private static Trainer MakeTrainer(TrainingSession session, TrainerOptions options, ILearningRateSchedule? schedule = null) =>
        new(session, Objective(session), schedule ?? new CosineSchedule(0.05, StepsPerEpoch * Epochs, 2), Data(), options);

    private static byte[][] Weights(TrainingSession session) => [.. session.Capture().Tensors.Select(t => t.Data.ToArray())];

    /// <summary>Goes on from the checkpoint, where there is one, up to a step or to the end.</summary>
    private byte[][] Part(string name, int? until)
    {
        using TrainingSession session = Open();
        using var stop = new CancellationTokenSource();
        Trainer trainer = MakeTrainer(session, new TrainerOptions
        {
            Epochs = Epochs,
            CheckpointPath = PathOf(name),
            MetricsPath = PathOf($"{name}.csv"),
            StepsPerRow = 4,
            StepDone = status =>
            {
                if (status.Steps == until)
                {
                    stop.Cancel();
                }
            },
        });
        if (File.Exists(PathOf(name)))
        {
            trainer.Resume(PathOf(name));
        }
        trainer.Run(stop.Token);
        return Weights(session);
    }

    private MetricsRow[] Rows(string file) => [.. MetricsFile.Read(PathOf(file)).Rows];

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Images that stop what reads them.</summary>
    private sealed class CancellingImages(ILabelledImages images, CancellationTokenSource stop) : ILabelledImages
    {
        public ImageShape Shape => images.Shape;

        public int Count => images.Count;

        public IReadOnlyList<string> Classes => images.Classes;

        public int LabelOf(int index) => images.LabelOf(index);

        public void Read(int index, Span<byte> samples)
        {
            stop.Cancel();
            images.Read(index, samples);
        }
    }
}

using Tandem.Graphs.Networks;
using Tandem.Learning.Data;
using Tandem.Learning.Images;
using Tandem.Progressive.Evaluation;

namespace Tandem.Progressive.Tests.Evaluation;

public sealed class AccuracyEvaluatorTests
{
    private const int Count = 60;

    private static readonly ProceduralImages _images = new(Count, seed: 2);
    private static readonly Classification _classification = Classification.Of(ModelZoo.Make("resnet20"));

    [Fact]
    public void Scores_are_those_of_counting_by_hand()
    {
        using var reference = new Guesses(1);
        using var other = new Guesses(2);
        var scores = new AccuracyEvaluator(_classification, _images, PixelScaling.Unit).Evaluate(
            [reference, other], cancellation: TestContext.Current.CancellationToken);
        Guesses[] all = [reference, other];
        for (int c = 0; c < all.Length; c++)
        {
            int top1 = 0;
            int top5 = 0;
            int agreed = 0;
            for (int i = 0; i < Count; i++)
            {
                int[] order = Order(all[c].All[i]);
                int label = _images.LabelOf(i);
                top1 += order[0] == label ? 1 : 0;
                top5 += order.Take(5).Contains(label) ? 1 : 0;
                agreed += order[0] == Order(reference.All[i])[0] ? 1 : 0;
            }
            Assert.Equal(new ClassificationScore(Count, top1, top5, agreed), Assert.Single(scores[c]));
        }
        Assert.Equal(1, scores[0][0].Agreement);
        Assert.NotEqual(1, scores[1][0].Agreement);
    }

    [Fact]
    public void Every_classifier_gets_every_image_scaled()
    {
        using var guesses = new Guesses(1);
        new AccuracyEvaluator(_classification, _images, PixelScaling.Unit).Evaluate(
            [guesses], cancellation: TestContext.Current.CancellationToken);
        byte[] samples = new byte[_images.Shape.SampleCount];
        _images.Read(Count - 1, samples);
        Assert.Equal([.. samples.Select(sample => sample / 255f)], guesses.Image.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Equal(Count, guesses.All.Count);
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_wrong()
    {
        var score = default(ClassificationScore).With([float.NaN, 1], label: 0, reference: 1);
        Assert.Equal(new ClassificationScore(1, 0, 1, 1), score);
    }

    [Fact]
    public void Other_classes_and_other_sizes_are_refused()
    {
        var two = new StoredImages(_images.Shape, ["a", "b"], new byte[2 * _images.Shape.SampleCount], [0, 1]);
        RequireRefused("tells 10 classes, the data has 2", () => _ = new AccuracyEvaluator(_classification, two, PixelScaling.Unit));
        var large = Classification.Of(ModelZoo.Make("resnet20", 64));
        RequireRefused("3x64x64", () => _ = new AccuracyEvaluator(large, _images, PixelScaling.Unit));
    }

    [Fact]
    public void Networks_that_classify_nothing_are_refused()
    {
        var net = new GraphBuilder("picture");
        RequireRefused("score for each class", () => Classification.Of(net.Build(1, net.Conv(net.Input("image", 1, 3, 8, 8), 3, 1))));
        var vectors = new GraphBuilder("vectors");
        RequireRefused("one input of shape", () => Classification.Of(vectors.Build(1, vectors.Gemm(vectors.Input("x", 1, 4), 2))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Count + 1)]
    public void Calibration_needs_as_many_images_as_there_are(int count) =>
        RequireRefused("give 1 to 60", () => _ = new CalibrationSet(_images, PixelScaling.Unit, count));

    [Fact]
    public void Calibration_draws_different_images_by_seed()
    {
        byte[][] drawn = [.. new CalibrationSet(_images, PixelScaling.Unit, 20, 5).Inputs().Select(input => input[0].ToArray())];
        Assert.Equal(20, drawn.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(drawn, new CalibrationSet(_images, PixelScaling.Unit, 20, 5).Inputs().Select(input => input[0].ToArray()));
        Assert.NotEqual(drawn, new CalibrationSet(_images, PixelScaling.Unit, 20, 6).Inputs().Select(input => input[0].ToArray()));
    }

    private static int[] Order(float[] scores) => [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ThenBy(i => i)];

    private static void RequireRefused(string part, Action action)
    {
        var error = Assert.Throws<EvaluationException>(action);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <summary>Guesses by seed; some scores are equal.</summary>
    private sealed class Guesses(int seed) : IClassifier
    {
        private readonly Random _random = new(seed);
        private readonly float[] _image = new float[_images.Shape.SampleCount];

        public List<float[]> All { get; } = [];

        public string Name => "guesses";

        public Span<float> Image => _image;

        public void Run(CancellationToken cancellation) => All.Add([.. Enumerable.Range(0, 10).Select(_ => (float)_random.Next(6))]);

        public ReadOnlySpan<float> Scores(int output) => All[^1];

        public void Dispose() { }
    }
}

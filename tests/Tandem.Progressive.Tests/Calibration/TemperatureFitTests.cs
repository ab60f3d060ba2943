using Tandem.Graphs.Exits;
using Tandem.Progressive.Calibration;

namespace Tandem.Progressive.Tests.Calibration;

public sealed class TemperatureFitTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void A_known_temperature_is_found_again(double temperature)
    {
        ExitScores scores = Drawn(temperature, images: 20_000);

        Assert.InRange(TemperatureFit.Of(scores, 0), temperature * 0.95, temperature * 1.05);
    }

    [Fact]
    public void No_temperature_near_it_is_better()
    {
        ExitScores scores = Drawn(1.7, images: 500);
        double fitted = TemperatureFit.Of(scores, 0);
        double least = TemperatureFit.NegativeLogLikelihood(scores, 0, fitted);

        Assert.All(new[] { 0.3, 0.9, 0.99, 1.01, 1.1, 3 }, factor =>
            Assert.True(TemperatureFit.NegativeLogLikelihood(scores, 0, fitted * factor) >= least));
    }

    [Fact]
    public void It_brings_confidence_to_accuracy()
    {
        ExitScores scores = Drawn(3, images: 20_000);
        double before = Reliability.Error(Reliability.Of(scores, 0, 1));
        double after = Reliability.Error(Reliability.Of(scores, 0, TemperatureFit.Of(scores, 0)));

        Assert.True(before > 0.1, $"{before}");
        Assert.True(after < 0.02, $"{after}");
    }

    [Fact]
    public void Where_all_is_right_or_nothing_is_told_it_stays_in_its_limits()
    {
        var right = new ExitScores([[5, 0, 0, 5]], [0, 1], 2);
        var wrong = new ExitScores([[5, 0, 0, 5]], [1, 0], 2);
        var silent = new ExitScores([[1, 1, 1, 1]], [1, 0], 2);

        Assert.Equal(TemperatureFit.Least, TemperatureFit.Of(right, 0), 4);
        Assert.Equal(TemperatureFit.Most, TemperatureFit.Of(wrong, 0), 3);
        Assert.InRange(TemperatureFit.Of(silent, 0), TemperatureFit.Least, TemperatureFit.Most);
    }

    [Fact]
    public void Reliability_counts_every_image_in_one_bin()
    {
        IReadOnlyList<ReliabilityBin> bins = Reliability.Of(RandomScores.Of(3, 1, 200, 4), 0, 1);

        Assert.Equal(1, bins.Sum(bin => bin.Share), 9);
        Assert.True(bins.Count <= Reliability.Bins);
    }

    [Fact]
    public void Labels_and_logits_that_are_none_are_refused()
    {
        Assert.Contains("label 2", Assert.Throws<CalibrationException>(() => new ExitScores([[1, 2]], [2], 2)).Message, StringComparison.Ordinal);
        Assert.Contains("exit 1", Assert.Throws<CalibrationException>(() => new ExitScores([[1, float.NaN]], [1], 2)).Message, StringComparison.Ordinal);
    }

    /// <summary>Logits whose labels are drawn from the softmax of the logits over a temperature.</summary>
    private static ExitScores Drawn(double temperature, int images)
    {
        const int Classes = 5;
        var random = new Random(11);
        float[] logits = [.. Enumerable.Range(0, images * Classes).Select(_ => (float)(random.NextDouble() * 8))];
        int[] labels = [.. Enumerable.Range(0, images).Select(image => Draw(random, logits.AsSpan(image * Classes, Classes), temperature))];
        return new ExitScores([logits], labels, Classes);
    }

    private static int Draw(Random random, ReadOnlySpan<float> logits, double temperature)
    {
        double[] weights = [.. logits.ToArray().Select(logit => Math.Exp(logit / temperature))];
        double rest = random.NextDouble() * weights.Sum();
        int drawn = 0;
        while (drawn < weights.Length - 1 && rest > weights[drawn])
        {
            rest -= weights[drawn++];
        }
        return drawn;
    }
}

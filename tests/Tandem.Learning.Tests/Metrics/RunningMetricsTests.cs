using Tandem.Learning.Metrics;

namespace Tandem.Learning.Tests.Metrics;

public sealed class RunningMetricsTests
{
    private readonly SetClock _clock = new();

    [Fact]
    public void Loss_and_accuracy_are_means_over_images()
    {
        var metrics = new RunningMetrics(100, _clock);
        metrics.Add(meanLoss: 2, correct: 10, images: 30);
        metrics.Add(meanLoss: 1, correct: 10, images: 10);
        Assert.Equal(1.75, metrics.Loss, 1e-12);
        Assert.Equal(0.5, metrics.Accuracy, 1e-12);
    }

    [Fact]
    public void Restart_begins_loss_and_accuracy_but_not_speed()
    {
        var metrics = new RunningMetrics(100, _clock);
        metrics.Add(2, 10, 30);
        metrics.Restart();
        Assert.True(double.IsNaN(metrics.Loss) && double.IsNaN(metrics.Accuracy));
        metrics.Add(1, 5, 10);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal((1, 0.5, 40), (metrics.Loss, metrics.Accuracy, metrics.ImagesDone));
        Assert.Equal(10, metrics.ImagesPerSecond, 1e-9);
    }

    [Fact]
    public void Time_left_follows_from_the_mean_speed()
    {
        var metrics = new RunningMetrics(100, _clock);
        Assert.Null(metrics.Remaining);
        metrics.Add(1, 1, 25);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(30, metrics.Remaining!.Value.TotalSeconds, 1e-9);
        Assert.Equal(TimeSpan.FromSeconds(10), metrics.Elapsed);
        metrics.Add(1, 1, 200);
        Assert.Equal(TimeSpan.Zero, metrics.Remaining);
    }

    private sealed class SetClock : TimeProvider
    {
        private long _ticks = 12345;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        internal void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}

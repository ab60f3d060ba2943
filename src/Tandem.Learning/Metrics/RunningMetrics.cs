namespace Tandem.Learning.Metrics;

/// <summary>What a training run tells while it goes on: loss and accuracy since the last report, speed and time left since it began.</summary>
public sealed class RunningMetrics
{
    private readonly TimeProvider _time;
    private readonly long _imagesToDo;
    private readonly long _start;
    private double _lossSum;
    private long _correct;
    private long _images;
    private long _imagesDone;

    /// <summary>Starts the clock.</summary>
    /// <param name="imagesToDo">The images that this run is to train on, epochs times images; after a checkpoint, what is left of them.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public RunningMetrics(long imagesToDo, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(imagesToDo);
        _imagesToDo = imagesToDo;
        _time = time ?? TimeProvider.System;
        _start = _time.GetTimestamp();
    }

    /// <summary>The mean loss of an image since <see cref="Restart"/>; NaN where there was none.</summary>
    public double Loss => _images == 0 ? double.NaN : _lossSum / _images;

    /// <summary>The share of images that were classified correctly since <see cref="Restart"/>, 0..1; NaN where there was none.</summary>
    public double Accuracy => _images == 0 ? double.NaN : (double)_correct / _images;

    /// <summary>The images since the beginning.</summary>
    public long ImagesDone => _imagesDone;

    /// <summary>The time since the beginning.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>The mean speed since the beginning; 0 before the first batch.</summary>
    public double ImagesPerSecond => Elapsed > TimeSpan.Zero ? _imagesDone / Elapsed.TotalSeconds : 0;

    /// <summary>The time that the rest will take at the mean speed; null before the first batch.</summary>
    public TimeSpan? Remaining => ImagesPerSecond is > 0 and var speed
        ? TimeSpan.FromSeconds(Math.Min(Math.Max(0, _imagesToDo - _imagesDone) / speed, TimeSpan.MaxValue.TotalSeconds / 2))
        : null;

    /// <summary>Adds a batch.</summary>
    /// <param name="meanLoss">The mean loss of its images.</param>
    /// <param name="correct">How many of them were classified correctly.</param>
    /// <param name="images">How many there are, without padding.</param>
    public void Add(double meanLoss, int correct, int images)
    {
        _lossSum += meanLoss * images;
        _correct += correct;
        _images += images;
        _imagesDone += images;
    }

    /// <summary>Begins loss and accuracy anew, as at the start of an epoch.</summary>
    public void Restart() => (_lossSum, _correct, _images) = (0, 0, 0);
}

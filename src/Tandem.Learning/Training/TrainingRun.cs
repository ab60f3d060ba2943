using Tandem.Learning.Metrics;

namespace Tandem.Learning.Training;

/// <summary>The clock of one run of a trainer.</summary>
/// <param name="secondsBefore">What earlier runs took.</param>
/// <param name="imagesToDo">The images that this run is to train on.</param>
internal sealed class TrainingRun(double secondsBefore, long imagesToDo)
{
    private readonly TimeProvider _time = TimeProvider.System;
    private TimeSpan _inSteps;
    private long _images;

    /// <summary>What was measured since the last row of metrics, and how fast this run is.</summary>
    public RunningMetrics Recent { get; } = new(imagesToDo);

    /// <summary>Seconds since the very beginning, over all runs.</summary>
    public double Seconds => secondsBefore + Recent.Elapsed.TotalSeconds;

    /// <summary>The speed of this run's steps; 0 before the first.</summary>
    public double ImagesPerSecond => _images == 0 ? 0 : _images / _inSteps.TotalSeconds;

    /// <summary>Now, for <see cref="Add"/>.</summary>
    public long Timestamp => _time.GetTimestamp();

    /// <summary>Adds a step.</summary>
    /// <param name="loss">Its mean loss.</param>
    /// <param name="correct">Images classified correctly.</param>
    /// <param name="images">Images.</param>
    /// <param name="started">When it began.</param>
    public void Add(double loss, int correct, int images, long started)
    {
        Recent.Add(loss, correct, images);
        _inSteps += _time.GetElapsedTime(started);
        _images += images;
    }
}

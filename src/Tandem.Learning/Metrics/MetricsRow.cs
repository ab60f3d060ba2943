namespace Tandem.Learning.Metrics;

/// <summary>What was measured over an epoch, or over some steps.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Epoch">Epochs done at its end, such as 3 at the end of the third, or 2.5 within it.</param>
/// <param name="Step">Optimiser steps done at its end.</param>
public sealed record MetricsRow(MetricsKind Kind, double Epoch, long Step)
{
    /// <summary>The learning rate of the last step.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The mean loss of the images trained on.</summary>
    public double? TrainingLoss { get; init; }

    /// <summary>The share of them that was classified correctly, 0..1.</summary>
    public double? TrainingAccuracy { get; init; }

    /// <summary>The mean loss of the images validated with.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The share of them that was classified correctly, 0..1.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Training speed.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>Seconds of training since the very beginning, over all runs.</summary>
    public double? Seconds { get; init; }

    /// <summary>Values of the file's further columns, in their order, such as each exit's accuracy.</summary>
    public IReadOnlyList<double?> Further { get; init; } = [];
}

using Tandem.Learning.Metrics;

namespace Tandem.Learning.Training;

/// <summary>How a network is trained.</summary>
public sealed record TrainerOptions
{
    /// <summary>Passes through the data, at least 1.</summary>
    /// <value>30.</value>
    public int Epochs { get; init; } = 30;

    /// <summary>Says in which order images come and how they are changed.</summary>
    /// <value>1.</value>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The outputs whose accuracy is measured, in the order of exits; the last is the network's own answer. Null for all that have a number
    /// for each image and class.
    /// </summary>
    /// <value>null.</value>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>The file that is written after each epoch and when training is interrupted; null for none.</summary>
    /// <value>null.</value>
    public string? CheckpointPath { get; init; }

    /// <summary>
    /// What a checkpoint must have been made with to go on from it, beside the data and the network, in a few words such as "sgd, exits at
    /// 15 %".
    /// </summary>
    /// <value>Empty.</value>
    public string Recipe { get; init; } = "";

    /// <summary>The CSV file that metrics are written to; null for none.</summary>
    /// <value>null.</value>
    public string? MetricsPath { get; init; }

    /// <summary>The steps that a row of metrics is about; rows of epochs come beside them.</summary>
    /// <value>50.</value>
    public int StepsPerRow { get; init; } = 50;

    /// <summary>Called after each step, on the training thread; null for nobody.</summary>
    /// <value>null.</value>
    public Action<TrainingStatus>? StepDone { get; init; }

    /// <summary>Called after each epoch and its validation; null for nobody.</summary>
    /// <value>null.</value>
    public Action<MetricsRow>? EpochDone { get; init; }
}

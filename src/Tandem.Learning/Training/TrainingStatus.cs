namespace Tandem.Learning.Training;

/// <summary>How far training is, after a step.</summary>
/// <param name="Epoch">The epoch that goes on, 1 for the first.</param>
/// <param name="Epochs">All epochs.</param>
/// <param name="Steps">Steps done, of all epochs.</param>
/// <param name="TotalSteps">Steps that all epochs have.</param>
/// <param name="LearningRate">That of the step.</param>
/// <param name="Loss">The mean loss of this epoch's images so far.</param>
/// <param name="Accuracy">The share of them that the last output classified correctly, 0..1.</param>
/// <param name="ImagesPerSecond">The mean speed of this run, validation included.</param>
/// <param name="Remaining">The time that is left at this speed; null where it is not known.</param>
public readonly record struct TrainingStatus(
    int Epoch, int Epochs, long Steps, long TotalSteps, double LearningRate, double Loss, double Accuracy, double ImagesPerSecond,
    TimeSpan? Remaining);

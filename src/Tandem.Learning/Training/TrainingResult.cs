namespace Tandem.Learning.Training;

/// <summary>What training has come to.</summary>
/// <param name="Steps">Steps done since the very beginning.</param>
/// <param name="Seconds">Time since the very beginning, over all runs.</param>
/// <param name="ImagesPerSecond">Mean speed of this run's steps, without validation; 0 where it had none to do.</param>
/// <param name="Scores">What the outputs reach on the images to validate with, the network's own answer last.</param>
public sealed record TrainingResult(long Steps, double Seconds, double ImagesPerSecond, IReadOnlyList<OutputScore> Scores);

/// <summary>How well one output classifies.</summary>
/// <param name="Output">The output's name.</param>
/// <param name="Accuracy">The share of images whose greatest score is that of their class, 0..1.</param>
/// <param name="Loss">The mean softmax cross-entropy.</param>
public sealed record OutputScore(string Output, double Accuracy, double Loss);

using Tandem.Learning.Data;

namespace Tandem.Learning.Training;

/// <summary>What a network is trained on, and what it is tried on meanwhile.</summary>
/// <param name="Training">The images to train on.</param>
/// <param name="Validation">Others, of the same shape and classes.</param>
/// <param name="Augmentation">How images to train on are changed; those to validate with are only scaled as it says.</param>
public sealed record TrainingData(ILabelledImages Training, ILabelledImages Validation, Augmentation Augmentation);

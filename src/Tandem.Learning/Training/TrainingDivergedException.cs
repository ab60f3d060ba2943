using System.Globalization;

namespace Tandem.Learning.Training;

/// <summary>A loss that is no number any more. The session keeps the weights from before the step.</summary>
public sealed class TrainingDivergedException : TrainingException
{
    /// <summary>Makes an exception about a step.</summary>
    /// <param name="step">The step, 0 for the first.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <param name="loss">Its loss.</param>
    public TrainingDivergedException(long step, double learningRate, float loss)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"the loss is {loss} in step {step} at learning rate {learningRate:g6}; train with a smaller learning rate"))
    {
        Step = step;
        LearningRate = learningRate;
        Loss = loss;
    }

    /// <summary>Adds to an exception that there is a checkpoint from before.</summary>
    /// <param name="other">The exception.</param>
    /// <param name="checkpoint">The checkpoint's file.</param>
    public TrainingDivergedException(TrainingDivergedException other, string checkpoint)
        : base($"{other.Message}; the last good checkpoint '{checkpoint}' is kept", other) =>
        (Step, LearningRate, Loss) = (other.Step, other.LearningRate, other.Loss);

    /// <summary>The step, 0 for the first.</summary>
    public long Step { get; }

    /// <summary>Its learning rate.</summary>
    public double LearningRate { get; }

    /// <summary>Its loss.</summary>
    public float Loss { get; }
}

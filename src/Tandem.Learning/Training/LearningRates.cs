namespace Tandem.Learning.Training;

/// <summary>A learning rate as a function of the step alone, so that training can go on from any step.</summary>
public interface ILearningRateSchedule
{
    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">0 for the first.</param>
    double At(long step);
}

/// <summary>
/// A linear warm-up to the peak, then half a cosine wave down (Loshchilov and Hutter, "SGDR", 2017, without restarts).
/// </summary>
/// <param name="Peak">The greatest learning rate.</param>
/// <param name="Steps">Steps until the lowest, warm-up included.</param>
/// <param name="WarmupSteps">Steps of the warm-up; the first has Peak / WarmupSteps.</param>
/// <param name="Final">The lowest learning rate, kept from then on.</param>
public sealed record CosineSchedule(double Peak, long Steps, long WarmupSteps = 0, double Final = 0) : ILearningRateSchedule
{
    /// <inheritdoc/>
    public double At(long step)
    {
        if (step < WarmupSteps)
        {
            return Peak * (step + 1) / WarmupSteps;
        }
        double progress = Math.Min(1, (double)(step - WarmupSteps) / Math.Max(1, Steps - WarmupSteps));
        return Final + ((Peak - Final) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}

/// <summary>A learning rate that is multiplied by a factor at given steps.</summary>
/// <param name="Initial">The learning rate before the first of them.</param>
/// <param name="Factor">By which it is multiplied.</param>
/// <param name="Milestones">Steps from which on it is multiplied once more, in any order.</param>
public sealed record StepSchedule(double Initial, double Factor, params IReadOnlyList<long> Milestones) : ILearningRateSchedule
{
    /// <inheritdoc/>
    public double At(long step) => Initial * Math.Pow(Factor, Milestones.Count(milestone => step >= milestone));
}

/// <summary>One learning rate throughout.</summary>
/// <param name="Rate">The learning rate.</param>
public sealed record ConstantSchedule(double Rate) : ILearningRateSchedule
{
    /// <inheritdoc/>
    public double At(long step) => Rate;
}

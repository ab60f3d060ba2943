using Tandem.Graphs;

namespace Tandem.Learning.Training;

/// <summary>What of a network is trained and how.</summary>
public sealed record TrainingOptions
{
    /// <summary>Which weights are trained; all by default. Normalisations of which nothing is trained stay as at inference.</summary>
    public Predicate<Tensor> Trains { get; init; } = _ => true;

    /// <summary>Which weights the optimiser's weight decay is for; all by default.</summary>
    public Predicate<Tensor> Decays { get; init; } = _ => true;

    /// <summary>How much of a running statistic stays in a step; the rest comes from the batch.</summary>
    /// <value>0.9 by default, as in ONNX; PyTorch calls this a momentum of 0.1.</value>
    public double StatisticsMomentum { get; init; } = 0.9;
}

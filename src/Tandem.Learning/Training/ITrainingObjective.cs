using Tandem.Graphs;

namespace Tandem.Learning.Training;

/// <summary>What training makes small: a loss, and how it changes while training goes on.</summary>
public interface ITrainingObjective
{
    /// <summary>The name of the input that every objective reads the classes from: Int64, one for each image of the batch.</summary>
    const string Labels = "training labels";

    /// <summary>
    /// Adds the loss to a draft in which the network is, and declares <see cref="Labels"/> and whatever else it reads as inputs. Called
    /// twice, for training and for evaluation.
    /// </summary>
    /// <returns>A scalar, a mean over the batch's images.</returns>
    /// <exception cref="TrainingException">The network has no output that the loss can be of.</exception>
    Tensor AddLoss(GraphDraft draft);

    /// <summary>
    /// Sets the inputs that it has declared beside the labels. Called before each step and each evaluation; allocates nothing. What it sets
    /// follows from <paramref name="progress"/> alone, so that training can go on from any step.
    /// </summary>
    /// <param name="session">The session whose inputs are set.</param>
    /// <param name="progress">The share of the whole training's steps that is done, 0 to 1.</param>
    void BeginStep(TrainingSession session, double progress);
}

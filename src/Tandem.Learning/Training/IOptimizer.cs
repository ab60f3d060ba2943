using Tandem.Graphs;

namespace Tandem.Learning.Training;

/// <summary>A rule by which a step changes weights, as operators of the training graph.</summary>
public interface IOptimizer
{
    /// <summary>Names of what the optimiser keeps for each weight between steps, of the weight's shape, zero at first.</summary>
    IReadOnlyList<string> StateNames { get; }

    /// <summary>Adds what all weights share, once for the graph.</summary>
    /// <param name="draft">The training graph.</param>
    /// <param name="learningRate">A scalar, single precision.</param>
    /// <param name="step">A scalar, double precision: 1 in the first step.</param>
    /// <returns>Scalars that <see cref="Update"/> gets.</returns>
    IReadOnlyList<Tensor> Prepare(GraphDraft draft, Tensor learningRate, Tensor step);

    /// <summary>Adds one weight's update.</summary>
    /// <param name="draft">The training graph.</param>
    /// <param name="shared">What <see cref="Prepare"/> has made.</param>
    /// <param name="weight">The weight before the step.</param>
    /// <param name="gradient">The loss's gradient, of its shape.</param>
    /// <param name="state">What is kept for this weight, one for each of <see cref="StateNames"/>.</param>
    /// <param name="decays">Whether weight decay, where there is any, is for this weight.</param>
    /// <returns>The weight and its state after the step.</returns>
    (Tensor Weight, IReadOnlyList<Tensor> State) Update(
        GraphDraft draft, IReadOnlyList<Tensor> shared, Tensor weight, Tensor gradient, IReadOnlyList<Tensor> state, bool decays);
}

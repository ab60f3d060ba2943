using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training;

/// <summary>
/// Stochastic gradient descent with momentum: velocity = momentum * velocity + gradient; weight -= rate * velocity. With Nesterov's
/// variant (in the form of Sutskever et al., 2013) the weight moves by gradient + momentum * velocity.
/// </summary>
/// <param name="Momentum">0 for plain gradient descent.</param>
/// <param name="WeightDecay">Times the weight is added to the gradient (L2).</param>
/// <param name="IsNesterov">Whether to use Nesterov's variant.</param>
public sealed record Sgd(double Momentum = 0.9, double WeightDecay = 0, bool IsNesterov = false) : IOptimizer
{
    /// <inheritdoc/>
    public IReadOnlyList<string> StateNames => Momentum == 0 ? [] : ["velocity"];

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Prepare(GraphDraft draft, Tensor learningRate, Tensor step) => [learningRate];

    /// <inheritdoc/>
    public (Tensor Weight, IReadOnlyList<Tensor> State) Update(
        GraphDraft draft, IReadOnlyList<Tensor> shared, Tensor weight, Tensor gradient, IReadOnlyList<Tensor> state, bool decays)
    {
        Tensor slope = decays && WeightDecay != 0 ? draft.Add(gradient, draft.Scale(weight, WeightDecay)) : gradient;
        if (Momentum == 0)
        {
            return (draft.Sub(weight, draft.Mul(slope, shared[0])), []);
        }
        Tensor velocity = draft.Add(draft.Scale(state[0], Momentum), slope);
        Tensor direction = IsNesterov ? draft.Add(slope, draft.Scale(velocity, Momentum)) : velocity;
        return (draft.Sub(weight, draft.Mul(direction, shared[0])), [velocity]);
    }
}

using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training;

/// <summary>Adam (Kingma and Ba, 2015) with bias correction; its weight decay may be decoupled (AdamW, Loshchilov and Hutter, 2019).</summary>
/// <param name="Beta1">Decay of the mean gradient.</param>
/// <param name="Beta2">Decay of the mean squared gradient.</param>
/// <param name="Epsilon">Added to the root of the mean squared gradient.</param>
/// <param name="WeightDecay">Times the weight is added to the gradient, or with the rate taken from the weight where decoupled.</param>
/// <param name="IsDecoupled">Whether weight decay bypasses the means.</param>
public sealed record Adam(
    double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0, bool IsDecoupled = false) : IOptimizer
{
    /// <inheritdoc/>
    public IReadOnlyList<string> StateNames { get; } = ["mean", "square"];

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Prepare(GraphDraft draft, Tensor learningRate, Tensor step)
    {
        Tensor rate = draft.Div(learningRate, Correction(draft, Beta1, step));
        Tensor root = draft.Add("Sqrt", [Correction(draft, Beta2, step)]);
        return [learningRate, rate, root];
    }

    /// <inheritdoc/>
    public (Tensor Weight, IReadOnlyList<Tensor> State) Update(
        GraphDraft draft, IReadOnlyList<Tensor> shared, Tensor weight, Tensor gradient, IReadOnlyList<Tensor> state, bool decays)
    {
        bool decay = decays && WeightDecay != 0;
        Tensor slope = decay && !IsDecoupled ? draft.Add(gradient, draft.Scale(weight, WeightDecay)) : gradient;
        Tensor mean = draft.Add(draft.Scale(state[0], Beta1), draft.Scale(slope, 1 - Beta1));
        Tensor square = draft.Add(draft.Scale(state[1], Beta2), draft.Scale(draft.Mul(slope, slope), 1 - Beta2));
        Tensor size = draft.Shift(draft.Div(draft.Add("Sqrt", [square]), shared[2]), Epsilon);
        Tensor kept = decay && IsDecoupled
            ? draft.Mul(weight, draft.OneMinus(draft.Scale(shared[0], WeightDecay)))
            : weight;
        return (draft.Sub(kept, draft.Div(draft.Mul(mean, shared[1]), size)), [mean, square]);
    }

    // 1 - beta^step: in double precision, because it is the difference of nearly equal numbers at first.
    private static Tensor Correction(GraphDraft draft, double beta, Tensor step)
    {
        Tensor power = draft.Add("Pow", [draft.Number(beta, ElementType.Float64), step]);
        return draft.Add("Cast", [draft.OneMinus(power)], ("to", Expressions.Int((long)ElementType.Float32)));
    }
}

using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>Losses as scalars of a draft, each the mean over its examples.</summary>
public static class Losses
{
    /// <summary>Softmax cross-entropy: the mean of -log(softmax(logits)[label]).</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="logits">N, classes; before the softmax.</param>
    /// <param name="labels">N integers (Int64) from 0 to classes - 1; ONNX Runtime refuses others with an exception.</param>
    /// <param name="weights">N non-negative numbers, by which examples count; null for one each.</param>
    /// <exception cref="DifferentiationException">The shapes do not fit.</exception>
    public static Tensor SoftmaxCrossEntropy(GraphDraft draft, Tensor logits, Tensor labels, Tensor? weights = null)
    {
        if (logits.Shape.Rank != 2 || !labels.Shape.Equals(new Shape(logits.Shape[0])) || labels.Type != ElementType.Int64)
        {
            throw new DifferentiationException($"{logits} must be N, classes and {labels} N integers of 64 bits");
        }
        Tensor logarithms = draft.Add("LogSoftmax", [logits], ("axis", Expressions.Int(1)));
        Tensor chosen = draft.Add(
            "GatherElements", [logarithms, draft.Reshape(labels, new Shape(labels.Shape[0], 1))], ("axis", Expressions.Int(1)));
        return Mean(draft, draft.Neg(draft.Reshape(chosen, labels.Shape)), weights);
    }

    /// <summary>The mean of the squared differences.</summary>
    public static Tensor MeanSquared(GraphDraft draft, Tensor prediction, Tensor target)
    {
        RequireSameShape(prediction, target);
        Tensor difference = draft.Sub(prediction, target);
        return draft.MeanAll(draft.Mul(difference, difference));
    }

    /// <summary>
    /// The mean Huber error (Huber, 1964): half the square of differences up to delta, delta * (|difference| - delta / 2) beyond.
    /// </summary>
    public static Tensor Huber(GraphDraft draft, Tensor prediction, Tensor target, double delta = 1)
    {
        RequireSameShape(prediction, target);
        Tensor size = draft.Add("Abs", [draft.Sub(prediction, target)]);
        // With q = min(size, delta) both pieces are q * (size - q / 2).
        Tensor quadratic = draft.Add("Min", [size, draft.Number(delta, size.Type)]);
        return draft.MeanAll(draft.Mul(quadratic, draft.Sub(size, draft.Scale(quadratic, 0.5))));
    }

    /// <summary>A sum of losses, each times its weight.</summary>
    /// <exception cref="DifferentiationException">There is no loss.</exception>
    public static Tensor WeightedSum(GraphDraft draft, IReadOnlyList<(Tensor Loss, double Weight)> losses) =>
        losses.Count > 0
            ? losses.Select(part => draft.Scale(draft.Reshape(part.Loss, Shape.Scalar), part.Weight)).Aggregate(draft.Add)
            : throw new DifferentiationException("a weighted sum needs at least one loss");

    private static Tensor Mean(GraphDraft draft, Tensor perExample, Tensor? weights)
    {
        if (weights is null)
        {
            return draft.MeanAll(perExample);
        }
        RequireSameShape(perExample, weights);
        return draft.Div(draft.SumAll(draft.Mul(perExample, weights)), draft.SumAll(weights));
    }

    private static void RequireSameShape(Tensor a, Tensor b)
    {
        if (!a.Shape.Equals(b.Shape) || a.Type != b.Type)
        {
            throw new DifferentiationException($"{a} and {b} must have one type and shape");
        }
    }
}

using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training;

/// <summary>Softmax cross-entropy of one output's logits, which stays the same throughout training.</summary>
/// <param name="output">The output; where it is a softmax's, what that reads counts.</param>
/// <param name="labelSmoothing">
/// The share of the true class's probability that is spread over all classes (Szegedy et al., 2016), 0 to below 1.
/// </param>
public sealed class ClassificationObjective(string output, double labelSmoothing = 0) : ITrainingObjective
{
    /// <inheritdoc/>
    public Tensor AddLoss(GraphDraft draft)
    {
        Tensor logits = Logits.Of(draft, output);
        Tensor labels = draft.Input(new Tensor(ITrainingObjective.Labels, ElementType.Int64, new Shape(logits.Shape[0])));
        Tensor loss = Losses.SoftmaxCrossEntropy(draft, logits, labels);
        if (labelSmoothing == 0)
        {
            return loss;
        }
        Tensor logarithms = draft.Add("LogSoftmax", [logits], ("axis", new AttributeValue.Int(1)));
        return Losses.WeightedSum(
            draft, [(loss, 1 - labelSmoothing), (draft.Neg(draft.MeanAll(logarithms)), labelSmoothing)]);
    }

    /// <inheritdoc/>
    public void BeginStep(TrainingSession session, double progress)
    {
    }
}

using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training;

/// <summary>Finds the scores before the softmax.</summary>
public static class Logits
{
    // What networks put between their last layer and their output without changing which class wins.
    private static readonly HashSet<string> Passed = ["Softmax", "LogSoftmax", "Identity", "Flatten", "Reshape", "Squeeze"];

    /// <summary>The logits of an output, as N, classes: what a softmax at its end reads, else the output itself.</summary>
    /// <param name="draft">The draft in which the network is.</param>
    /// <param name="output">An output that has one number for each image and class.</param>
    /// <exception cref="TrainingException">It has another shape.</exception>
    public static Tensor Of(GraphDraft draft, string output)
    {
        Tensor logits = draft[output];
        if (!AreScores(logits))
        {
            throw new TrainingException($"output {logits} holds no scores of classes; they must have the shape images, classes");
        }
        for (Tensor place = logits; Producer(draft, place) is Operator op && AreScores(draft[op.Inputs[0]]); place = draft[op.Inputs[0]])
        {
            if (op.Type.EndsWith("Softmax", StringComparison.Ordinal))
            {
                logits = draft[op.Inputs[0]];
                break;
            }
        }
        return draft.Reshape(logits, new Shape(logits.Shape[0], logits.Shape[1]));
    }

    /// <summary>Whether a tensor has one number for each image and class: N, classes, and beyond that only axes of one.</summary>
    public static bool AreScores(Tensor tensor) => tensor.Type == ElementType.Float32 && tensor.Shape.Rank >= 2
        && tensor.Shape[1] > 1 && tensor.Shape.ElementCount == tensor.Shape[0] * tensor.Shape[1];

    private static Operator? Producer(GraphDraft draft, Tensor tensor) => draft.Operators
        .FirstOrDefault(op => op.Domain.Length == 0 && Passed.Contains(op.Type) && op.Outputs[0] == tensor.Name);
}

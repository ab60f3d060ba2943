using Tandem.Learning.Data;
using Tandem.Learning.Images;

namespace Tandem.Progressive.Evaluation;

/// <summary>Runs one classification network in several ways on the same labelled images.</summary>
public sealed class AccuracyEvaluator
{
    private readonly Classification _classification;
    private readonly ILabelledImages _images;
    private readonly Augmentation _scaling;

    /// <summary>Describes an evaluation; nothing is run yet.</summary>
    /// <param name="classification">What of the network is used.</param>
    /// <param name="images">The images, which served neither training nor calibration.</param>
    /// <param name="scaling">How samples become the numbers that the network expects.</param>
    /// <exception cref="EvaluationException">The network does not take such images, or tells other classes.</exception>
    public AccuracyEvaluator(Classification classification, ILabelledImages images, PixelScaling scaling)
    {
        classification.Require(images);
        _classification = classification;
        _images = images;
        _scaling = Augmentation.None(scaling);
    }

    /// <summary>Runs every image by every classifier.</summary>
    /// <param name="classifiers">Ways to run the network; the first is the reference that others agree with or not.</param>
    /// <param name="progress">Told how many of how many images are done.</param>
    /// <param name="cancellation">Stops between two runs.</param>
    /// <returns>For each classifier the score of each of <see cref="Classification.Outputs"/>.</returns>
    public IReadOnlyList<IReadOnlyList<ClassificationScore>> Evaluate(
        IReadOnlyList<IClassifier> classifiers, Action<int, int>? progress = null, CancellationToken cancellation = default)
    {
        var scores = new ClassificationScore[classifiers.Count][];
        for (int c = 0; c < scores.Length; c++)
        {
            scores[c] = new ClassificationScore[_classification.Outputs.Count];
        }
        var references = new int[_classification.Outputs.Count];
        float[] numbers = new float[_images.Shape.SampleCount];
        byte[] scratch = new byte[Augmentation.ScratchBytes(_images.Shape)];
        for (int i = 0; i < _images.Count; i++)
        {
            _scaling.Apply(_images, i, seed: 0, epoch: 0, numbers, scratch);
            for (int c = 0; c < classifiers.Count; c++)
            {
                numbers.CopyTo(classifiers[c].Image);
                classifiers[c].Run(cancellation);
                for (int output = 0; output < references.Length; output++)
                {
                    ReadOnlySpan<float> row = classifiers[c].Scores(output);
                    references[output] = c == 0 ? ClassificationScore.ClassOf(row) : references[output];
                    scores[c][output] = scores[c][output].With(row, _images.LabelOf(i), references[output]);
                }
            }
            progress?.Invoke(i + 1, _images.Count);
        }
        return scores;
    }
}

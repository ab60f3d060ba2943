using Tandem.Graphs.Exits;

namespace Tandem.Progressive.Calibration;

/// <summary>What every exit of a network says of every image of a set: logits, so that confidence is known for any temperature.</summary>
public sealed class ExitScores
{
    private readonly float[][] _logits;
    private readonly int[] _labels;

    /// <summary>Takes scores over; the arrays are not copied and must not change.</summary>
    /// <param name="logits">For each exit, image after image, a logit for each class.</param>
    /// <param name="labels">The right class of each image.</param>
    /// <param name="classes">The number of classes.</param>
    /// <exception cref="CalibrationException">A label is out of range, or a logit is no number.</exception>
    /// <exception cref="ArgumentException">The logits are not of as many images as the labels.</exception>
    public ExitScores(float[][] logits, int[] labels, int classes)
    {
        if (logits.Length == 0 || logits.Any(exit => exit.LongLength != (long)labels.Length * classes))
        {
            throw new ArgumentException($"logits are not of {labels.Length} images and {classes} classes", nameof(logits));
        }
        int wrong = Array.FindIndex(labels, label => (uint)label >= (uint)classes);
        if (wrong >= 0)
        {
            throw new CalibrationException(
                $"image {wrong} has label {labels[wrong]}, but the network knows classes 0 to {classes - 1}: use the data that it was trained for");
        }
        for (int exit = 0; exit < logits.Length; exit++)
        {
            int bad = Array.FindIndex(logits[exit], float.IsNaN);
            if (bad >= 0)
            {
                throw new CalibrationException($"exit {exit + 1} gives no number for image {bad / classes}: train the network again");
            }
        }
        (_logits, _labels, Classes) = (logits, labels, classes);
    }

    /// <summary>The number of exits, the last included.</summary>
    public int Exits => _logits.Length;

    /// <summary>The number of images.</summary>
    public int Images => _labels.Length;

    /// <summary>The number of classes.</summary>
    public int Classes { get; }

    /// <summary>The logits of an image at an exit.</summary>
    public ReadOnlySpan<float> Logits(int exit, int image) => _logits[exit].AsSpan(image * Classes, Classes);

    /// <summary>The right class of an image.</summary>
    public int LabelOf(int image) => _labels[image];

    /// <summary>The class that an exit gives an image, and its probability.</summary>
    public (int Class, double Probability) ConfidenceOf(int exit, int image, double temperature = 1) =>
        Confidence.Of(Logits(exit, image), temperature);

    /// <summary>The fraction of images whose class an exit gets right.</summary>
    public double AccuracyOf(int exit) =>
        (double)Enumerable.Range(0, Images).Count(image => ConfidenceOf(exit, image).Class == LabelOf(image)) / Images;

    /// <summary>The scores of some of the images.</summary>
    /// <param name="images">Their indices.</param>
    public ExitScores Of(IReadOnlyList<int> images)
    {
        float[][] logits = [.. _logits.Select(_ => new float[images.Count * Classes])];
        for (int exit = 0; exit < Exits; exit++)
        {
            for (int i = 0; i < images.Count; i++)
            {
                Logits(exit, images[i]).CopyTo(logits[exit].AsSpan(i * Classes));
            }
        }
        return new ExitScores(logits, [.. images.Select(image => _labels[image])], Classes);
    }
}

using System.Runtime.InteropServices;
using Tandem.Learning.Data;
using Tandem.Learning.Images;

namespace Tandem.Progressive.Evaluation;

/// <summary>Some images of a data set as a network's inputs, to find the ranges of its activations by.</summary>
public sealed class CalibrationSet
{
    private readonly ILabelledImages _images;
    private readonly Augmentation _scaling;
    private readonly int[] _indices;

    /// <summary>Chooses images.</summary>
    /// <param name="images">The images that the network was trained on, or others that it is not judged by.</param>
    /// <param name="scaling">How samples become the numbers that the network expects.</param>
    /// <param name="count">How many, drawn by seed; at least 1.</param>
    /// <param name="seed">Says which.</param>
    /// <exception cref="EvaluationException">No image is asked for, or more than there are.</exception>
    public CalibrationSet(ILabelledImages images, PixelScaling scaling, int count, ulong seed = 1)
    {
        if (count < 1 || count > images.Count)
        {
            throw new EvaluationException($"{count} images to calibrate with: give 1 to {images.Count}, as many as the training part has");
        }
        _images = images;
        _scaling = Augmentation.None(scaling);
        int[] all = [.. Enumerable.Range(0, images.Count)];
        new RandomSequence(seed).Shuffle(all);
        _indices = all[..count];
    }

    /// <summary>How many images there are.</summary>
    public int Count => _indices.Length;

    /// <summary>The bytes of the network's only input for each image, one after another. Each is made when it is asked for.</summary>
    public IEnumerable<IReadOnlyList<ReadOnlyMemory<byte>>> Inputs()
    {
        byte[] scratch = new byte[Augmentation.ScratchBytes(_images.Shape)];
        foreach (int index in _indices)
        {
            byte[] bytes = new byte[_images.Shape.SampleCount * sizeof(float)];
            _scaling.Apply(_images, index, seed: 0, epoch: 0, MemoryMarshal.Cast<byte, float>(bytes.AsSpan()), scratch);
            yield return [bytes];
        }
    }
}

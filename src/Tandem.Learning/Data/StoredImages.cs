namespace Tandem.Learning.Data;

/// <summary>Labelled images in memory.</summary>
public sealed class StoredImages : ILabelledImages
{
    private readonly byte[] _samples;
    private readonly int[] _labels;

    /// <summary>Takes images over; the arrays are not copied and must not change.</summary>
    /// <param name="shape">The shape of every image.</param>
    /// <param name="classes">The classes' names.</param>
    /// <param name="samples">The images one after another, each plane by plane.</param>
    /// <param name="labels">The class of each image.</param>
    /// <exception cref="DatasetException">There is no image, a label is out of range, or a class has no image.</exception>
    /// <exception cref="ArgumentException">Samples and labels are not of equally many images.</exception>
    public StoredImages(ImageShape shape, IReadOnlyList<string> classes, byte[] samples, int[] labels)
    {
        Shape = shape.Checked();
        if (samples.LongLength != (long)labels.Length * shape.SampleCount)
        {
            throw new ArgumentException($"{samples.LongLength} samples are not {labels.Length} images of {shape}", nameof(samples));
        }
        ClassCounts.Check(labels, classes, "the data set");
        Classes = classes;
        _samples = samples;
        _labels = labels;
    }

    /// <inheritdoc/>
    public ImageShape Shape { get; }

    /// <inheritdoc/>
    public int Count => _labels.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public int LabelOf(int index) => _labels[index];

    /// <inheritdoc/>
    public void Read(int index, Span<byte> samples) =>
        _samples.AsSpan(checked(index * Shape.SampleCount), Shape.SampleCount).CopyTo(samples);
}

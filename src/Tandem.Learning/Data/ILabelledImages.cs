namespace Tandem.Learning.Data;

/// <summary>
/// Images of one shape, each of one class. Immutable, and may be read by several threads at once; where it holds files open
/// its class says so and is disposable.
/// </summary>
public interface ILabelledImages
{
    /// <summary>The shape of every image.</summary>
    ImageShape Shape { get; }

    /// <summary>The number of images, at least 1.</summary>
    int Count { get; }

    /// <summary>The classes' names; a label is an index into them. No class is without an image.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>The class of an image, 0 to Classes.Count - 1.</summary>
    /// <param name="index">0 to Count - 1.</param>
    int LabelOf(int index);

    /// <summary>Writes an image's samples, 0..255, plane by plane.</summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <param name="samples">Exactly Shape.SampleCount bytes.</param>
    /// <exception cref="DatasetException">The image is read from a file only now, and that fails.</exception>
    void Read(int index, Span<byte> samples);
}

namespace Tandem.Learning.Data;

/// <summary>Some of the images of a data set, in an order of their own.</summary>
/// <param name="images">The data set.</param>
/// <param name="indices">The indices of the images there.</param>
public sealed class ImageSubset(ILabelledImages images, IReadOnlyList<int> indices) : ILabelledImages
{
    /// <inheritdoc/>
    public ImageShape Shape => images.Shape;

    /// <inheritdoc/>
    public int Count => indices.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => images.Classes;

    /// <summary>The indices of the images in the data set.</summary>
    public IReadOnlyList<int> Indices => indices;

    /// <inheritdoc/>
    public int LabelOf(int index) => images.LabelOf(indices[index]);

    /// <inheritdoc/>
    public void Read(int index, Span<byte> samples) => images.Read(indices[index], samples);
}

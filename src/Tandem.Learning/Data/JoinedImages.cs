namespace Tandem.Learning.Data;

/// <summary>Two data sets of the same shape and classes as one: the images of the first, then those of the second.</summary>
public sealed class JoinedImages : ILabelledImages
{
    private readonly ILabelledImages _first;
    private readonly ILabelledImages _second;

    /// <summary>Joins two data sets.</summary>
    /// <exception cref="DatasetException">They have other shapes or classes.</exception>
    public JoinedImages(ILabelledImages first, ILabelledImages second)
    {
        if (first.Shape != second.Shape || !first.Classes.SequenceEqual(second.Classes))
        {
            throw new DatasetException("two data sets have images of other shapes, or other classes: use one of them");
        }
        (_first, _second) = (first, second);
    }

    /// <inheritdoc/>
    public ImageShape Shape => _first.Shape;

    /// <inheritdoc/>
    public int Count => _first.Count + _second.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => _first.Classes;

    /// <inheritdoc/>
    public int LabelOf(int index) => index < _first.Count ? _first.LabelOf(index) : _second.LabelOf(index - _first.Count);

    /// <inheritdoc/>
    public void Read(int index, Span<byte> samples)
    {
        if (index < _first.Count)
        {
            _first.Read(index, samples);
            return;
        }
        _second.Read(index - _first.Count, samples);
    }
}

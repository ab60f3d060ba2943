using Tandem.Learning.Data;

namespace Tandem.Learning.Tests.Training;

/// <summary>Images that stop what reads them.</summary>
internal sealed class CancellingImages(ILabelledImages images, CancellationTokenSource stop) : ILabelledImages
{
    public ImageShape Shape => images.Shape;

    public int Count => images.Count;

    public IReadOnlyList<string> Classes => images.Classes;

    public int LabelOf(int index) => images.LabelOf(index);

    public void Read(int index, Span<byte> samples)
    {
        stop.Cancel();
        images.Read(index, samples);
    }
}

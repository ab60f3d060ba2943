namespace Tandem.Learning.Data;

/// <summary>Swaps left and right in half of the images.</summary>
public sealed class RandomFlip : IImageTransform
{
    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> image, Span<byte> changed, ImageShape shape, ref RandomSequence random)
    {
        image.CopyTo(changed);
        if (random.Next(2) == 0)
        {
            return;
        }
        for (int row = 0; row < shape.Channels * shape.Height; row++)
        {
            changed.Slice(row * shape.Width, shape.Width).Reverse();
        }
    }
}

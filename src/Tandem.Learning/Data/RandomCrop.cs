namespace Tandem.Learning.Data;

/// <summary>
/// Puts a border around an image and cuts a piece of the image's size out of that, all places equally likely (for CIFAR-10 with a
/// border of 4: He et al., "Deep Residual Learning", section 4.2).
/// </summary>
public sealed class RandomCrop : IImageTransform
{
    private readonly int _border;
    private readonly byte _fill;

    /// <summary>Describes the crop.</summary>
    /// <param name="border">Pixels on each side, at least 0.</param>
    /// <param name="fill">The samples of the border, 0..255.</param>
    public RandomCrop(int border, byte fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(border);
        _border = border;
        _fill = fill;
    }

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> image, Span<byte> changed, ImageShape shape, ref RandomSequence random)
    {
        int down = random.Next((2 * _border) + 1) - _border;
        int right = random.Next((2 * _border) + 1) - _border;
        // Pixel (row, column) of the result is pixel (row + down, column + right) of the image.
        int firstColumn = Math.Clamp(-right, 0, shape.Width);
        int columns = Math.Max(0, shape.Width - Math.Abs(right));
        changed.Fill(_fill);
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            ReadOnlySpan<byte> from = image.Slice(channel * shape.PlaneSize, shape.PlaneSize);
            Span<byte> to = changed.Slice(channel * shape.PlaneSize, shape.PlaneSize);
            for (int row = Math.Max(0, -down); row < shape.Height - Math.Max(0, down); row++)
            {
                from.Slice(((row + down) * shape.Width) + Math.Min(Math.Max(0, right), shape.Width - columns), columns)
                    .CopyTo(to.Slice((row * shape.Width) + firstColumn, columns));
            }
        }
    }
}

namespace Tandem.Learning.Data;

/// <summary>The shape that all images of a data set have, in the order in which their samples lie: planes, rows, columns.</summary>
/// <param name="Channels">Planes: 1 (luma) or 3 (red, green, blue).</param>
/// <param name="Height">Rows of a plane.</param>
/// <param name="Width">Columns of a plane.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Samples of one plane.</summary>
    public int PlaneSize => Height * Width;

    /// <summary>Samples, and bytes, of one image.</summary>
    public int SampleCount => Channels * Height * Width;

    /// <summary>Such as "3x32x32".</summary>
    public override string ToString() => $"{Channels}x{Height}x{Width}";

    /// <summary>Refuses what cannot be an image's shape.</summary>
    /// <exception cref="DatasetException">The channels are not 1 or 3, or a side is less than 1 or too long.</exception>
    internal ImageShape Checked() =>
        Channels is 1 or 3 && Height >= 1 && Width >= 1 && (long)Height * Width <= Images.RgbImage.MaxPixels
            ? this
            : throw new DatasetException($"images cannot have the shape {this}: use 1 or 3 channels and sides of at least 1 pixel");
}

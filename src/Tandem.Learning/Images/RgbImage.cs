namespace Tandem.Learning.Images;

/// <summary>An image in memory: three bytes (red, green, blue; sRGB) per pixel, row by row from the top, without padding.</summary>
public sealed class RgbImage
{
    /// <summary>Samples per pixel.</summary>
    public const int Channels = 3;

    /// <summary>The most pixels an image may have; larger ones are refused before memory is taken for them.</summary>
    public const int MaxPixels = 100_000_000;

    /// <summary>Wraps pixels; the array is not copied.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">width x height x 3 bytes.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != (long)width * height * Channels)
        {
            throw new ArgumentException($"{pixels.LongLength} bytes are not {width}x{height} pixels", nameof(pixels));
        }
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The samples: red, green, blue of the first pixel of the first row, and so on.</summary>
    public byte[] Pixels { get; }

    /// <summary>Takes zeroed memory for the pixels of a decoded image.</summary>
    /// <exception cref="ImageException">The image is empty or has more than <see cref="MaxPixels"/> pixels.</exception>
    internal static byte[] Allocate(long width, long height)
    {
        if (width < 1 || height < 1)
        {
            throw new ImageException("the data are damaged: they hold no pixels");
        }
        return width * height <= MaxPixels
            ? new byte[width * height * Channels]
            : throw new ImageException($"{width}x{height} pixels are too many ({MaxPixels} at most); shrink the image first");
    }
}

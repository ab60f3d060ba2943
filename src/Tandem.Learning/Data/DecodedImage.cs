using Tandem.Graphs;
using Tandem.Learning.Images;

namespace Tandem.Learning.Data;

/// <summary>Turns decoded images into samples of a data set's shape.</summary>
internal static class DecodedImage
{
    /// <summary>The shape that an image has on its own.</summary>
    internal static ImageShape ShapeOf(RgbImage image) => new(RgbImage.Channels, image.Height, image.Width);

    /// <summary>Writes an image plane by plane, resized where its size is another (its aspect ratio is not kept).</summary>
    /// <param name="image">The image.</param>
    /// <param name="shape">The shape to give it; one channel takes its luma.</param>
    /// <param name="samples">shape.SampleCount bytes.</param>
    internal static void Write(RgbImage image, ImageShape shape, Span<byte> samples)
    {
        if (ShapeOf(image) == shape)
        {
            Separate(image, shape, samples);
            return;
        }
        float[] resized = ImageTensor.FromImage(image, new Shape(1, shape.Channels, shape.Height, shape.Width), PixelScaling.Raw);
        for (int i = 0; i < resized.Length; i++)
        {
            samples[i] = (byte)Math.Clamp(MathF.Round(resized[i]), 0, byte.MaxValue);
        }
    }

    private static void Separate(RgbImage image, ImageShape shape, Span<byte> samples)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int channel = 0; channel < RgbImage.Channels; channel++)
        {
            Span<byte> plane = samples.Slice(channel * shape.PlaneSize, shape.PlaneSize);
            for (int i = 0; i < plane.Length; i++)
            {
                plane[i] = pixels[(i * RgbImage.Channels) + channel];
            }
        }
    }
}

using Tandem.Graphs;

namespace Tandem.Learning.Images;

/// <summary>
/// Turns images into the input of a network and the output of a network into images. Tensors are N,C,H,W float32 with
/// N = 1.
/// </summary>
public static class ImageTensor
{
    /// <summary>ITU-R BT.601 luma: the share of red, green and blue in grey.</summary>
    private static readonly float[] LumaWeights = [0.299f, 0.587f, 0.114f];

    /// <summary>Resizes an image to the size of a tensor (without keeping its aspect ratio) and scales its samples.</summary>
    /// <param name="image">The image.</param>
    /// <param name="shape">[1,3,H,W], or [1,1,H,W] for its luma, scaled with the average of the channels' scalings.</param>
    /// <param name="scaling">What the network expects values to be.</param>
    /// <param name="order">The order of the three channels.</param>
    /// <returns>The tensor's elements.</returns>
    /// <exception cref="ImageException">The shape is not that of an image.</exception>
    public static float[] FromImage(RgbImage image, Shape shape, PixelScaling scaling, ChannelOrder order = ChannelOrder.Rgb)
    {
        (int channels, int height, int width) = Dimensions(shape, allowGrey: true);
        float[] tensor = new float[shape.ElementCount];
        float[] plane = new float[image.Width * image.Height];
        for (int channel = 0; channel < channels; channel++)
        {
            Span<float> target = tensor.AsSpan(channel * height * width, height * width);
            if (channels == 1)
            {
                Luma(image, scaling, plane);
            }
            else
            {
                Plane(image, order == ChannelOrder.Rgb ? channel : RgbImage.Channels - 1 - channel, scaling, plane);
            }
            Resize(plane, image.Width, image.Height, target, width, height);
        }
        return tensor;
    }

    /// <summary>Makes an image of a tensor of samples in 0..255; what is outside is clamped, NaN becomes 0.</summary>
    /// <param name="tensor">The elements, as many as the shape has.</param>
    /// <param name="shape">[1,3,H,W].</param>
    /// <param name="order">The order of the three channels.</param>
    /// <exception cref="ImageException">The shape is not that of an image.</exception>
    public static RgbImage ToImage(ReadOnlySpan<float> tensor, Shape shape, ChannelOrder order = ChannelOrder.Rgb)
    {
        (_, int height, int width) = Dimensions(shape, allowGrey: false);
        byte[] pixels = RgbImage.Allocate(width, height);
        for (int channel = 0; channel < RgbImage.Channels; channel++)
        {
            ReadOnlySpan<float> plane = tensor.Slice(channel * height * width, height * width);
            int sample = order == ChannelOrder.Rgb ? channel : RgbImage.Channels - 1 - channel;
            for (int i = 0; i < plane.Length; i++)
            {
                // The comparison sends NaN to 0.
                float value = plane[i] > 0 ? MathF.Min(MathF.Round(plane[i]), 255) : 0;
                pixels[(i * RgbImage.Channels) + sample] = (byte)value;
            }
        }
        return new RgbImage(width, height, pixels);
    }

    private static (int Channels, int Height, int Width) Dimensions(Shape shape, bool allowGrey)
    {
        bool isImage = shape.Rank == 4 && shape[0] == 1 && shape[2] > 0 && shape[3] > 0
            && (shape[1] == RgbImage.Channels || (allowGrey && shape[1] == 1))
            && shape.ElementCount <= (long)RgbImage.MaxPixels * RgbImage.Channels;
        string takes = allowGrey ? "[1,3,H,W] or [1,1,H,W]" : "[1,3,H,W]";
        return isImage
            ? ((int)shape[1], (int)shape[2], (int)shape[3])
            : throw new ImageException($"a tensor of shape {shape} is not an image; it takes {takes}");
    }

    private static void Plane(RgbImage image, int sample, PixelScaling scaling, float[] plane)
    {
        (float factor, float offset) = scaling.Affine(sample);
        for (int i = 0; i < plane.Length; i++)
        {
            plane[i] = (image.Pixels[(i * RgbImage.Channels) + sample] * factor) + offset;
        }
    }

    private static void Luma(RgbImage image, PixelScaling scaling, float[] plane)
    {
        float factor = 0;
        float offset = 0;
        for (int sample = 0; sample < RgbImage.Channels; sample++)
        {
            (float sampleFactor, float sampleOffset) = scaling.Affine(sample);
            factor += sampleFactor / RgbImage.Channels;
            offset += sampleOffset / RgbImage.Channels;
        }
        for (int i = 0; i < plane.Length; i++)
        {
            ReadOnlySpan<byte> pixel = image.Pixels.AsSpan(i * RgbImage.Channels, RgbImage.Channels);
            float luma = (pixel[0] * LumaWeights[0]) + (pixel[1] * LumaWeights[1]) + (pixel[2] * LumaWeights[2]);
            plane[i] = (luma * factor) + offset;
        }
    }

    private static void Resize(
        float[] source, int sourceWidth, int sourceHeight, Span<float> target, int width, int height)
    {
        if ((long)width * sourceHeight > RgbImage.MaxPixels)
        {
            throw new ImageException($"{sourceWidth}x{sourceHeight} pixels cannot become {width}x{height}: crop the image first");
        }
        var horizontal = AxisResampling.Between(sourceWidth, width);
        var vertical = AxisResampling.Between(sourceHeight, height);
        float[] rows = new float[width * sourceHeight];
        for (int y = 0; y < sourceHeight; y++)
        {
            horizontal.Apply(source, y * sourceWidth, 1, rows, y * width, 1);
        }
        for (int x = 0; x < width; x++)
        {
            vertical.Apply(rows, x, width, target, x, width);
        }
    }
}

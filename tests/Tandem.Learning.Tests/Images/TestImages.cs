using Tandem.Learning.Images;

namespace Tandem.Learning.Tests.Images;

internal static class TestImages
{
    internal static RgbImage Noise(int width, int height, int seed)
    {
        byte[] pixels = new byte[width * height * RgbImage.Channels];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }

    internal static RgbImage Constant(int width, int height, byte red, byte green, byte blue)
    {
        byte[] pixels = new byte[width * height * RgbImage.Channels];
        for (int i = 0; i < pixels.Length; i += RgbImage.Channels)
        {
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (red, green, blue);
        }
        return new RgbImage(width, height, pixels);
    }

    internal static RgbImage Gradient(int width, int height)
    {
        byte[] pixels = new byte[width * height * RgbImage.Channels];
        for (int i = 0; i < width * height; i++)
        {
            pixels[i * 3] = (byte)(i % width * 255 / width);
            pixels[(i * 3) + 1] = (byte)(i / width * 255 / height);
            pixels[(i * 3) + 2] = 128;
        }
        return new RgbImage(width, height, pixels);
    }
}

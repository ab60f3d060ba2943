namespace Tandem.Learning.Images;

/// <summary>
/// PNG by libpng: every colour type and depth is read as 8-bit RGB; what is transparent is laid on white. Written as
/// 8-bit RGB.
/// </summary>
internal sealed unsafe class PngCodec : IImageCodec
{
    public string Name => "PNG";

    public IReadOnlyList<string> Extensions { get; } = [".png"];

    public bool Recognises(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);

    public RgbImage Decode(ReadOnlySpan<byte> file)
    {
        ImageLibrary.Png.Require();
        using var png = new PngImageHandle();
        fixed (byte* memory = file)
        {
            if (PngNative.png_image_begin_read_from_memory(png, memory, (nuint)file.Length) == 0)
            {
                throw new ImageException($"the PNG data are damaged: {png.LastError}");
            }
            png.Image.Format = PngNative.FormatRgb;
            png.Image.Flags |= PngNative.FlagSixteenBitIsSrgb;
            byte[] pixels = RgbImage.Allocate(png.Image.Width, png.Image.Height);
            int rowBytes = (int)png.Image.Width * RgbImage.Channels;
            var white = new PngNative.Color(255, 255, 255);
            fixed (byte* rgb = pixels)
            {
                if (PngNative.png_image_finish_read(png, &white, rgb, rowBytes, null) == 0)
                {
                    throw new ImageException($"the PNG data are damaged or truncated: {png.LastError}");
                }
            }
            return new RgbImage((int)png.Image.Width, (int)png.Image.Height, pixels);
        }
    }

    public byte[] Encode(RgbImage image)
    {
        ImageLibrary.Png.Require();
        nuint size = 0;
        fixed (byte* rgb = image.Pixels)
        {
            Write(image, rgb, null, ref size);
            byte[] file = new byte[checked((int)size)];
            fixed (byte* memory = file)
            {
                Write(image, rgb, memory, ref size);
            }
            return file;
        }
    }

    /// <summary>Without memory only the size is found, by the same work.</summary>
    private static void Write(RgbImage image, byte* rgb, byte* memory, ref nuint size)
    {
        using var png = new PngImageHandle();
        png.Image.Width = (uint)image.Width;
        png.Image.Height = (uint)image.Height;
        png.Image.Format = PngNative.FormatRgb;
        int rowBytes = image.Width * RgbImage.Channels;
        if (PngNative.png_image_write_to_memory(png, memory, ref size, 0, rgb, rowBytes, null) == 0)
        {
            throw new ImageException($"the image cannot be made a PNG: {png.LastError}");
        }
    }
}

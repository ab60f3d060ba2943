using System.Runtime.InteropServices;

namespace Tandem.Learning.Images;

/// <summary>JPEG by TurboJPEG. Orientation tags are not applied: pixels come in the order in which the file holds them.</summary>
internal sealed unsafe class JpegCodec : IImageCodec
{
    private const int Quality = 95;

    public string Name => "JPEG";

    public IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg"];

    public bool Recognises(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    public RgbImage Decode(ReadOnlySpan<byte> file)
    {
        ImageLibrary.TurboJpeg.Require();
        using TurboJpegHandle decoder = Opened(TurboJpegNative.tjInitDecompress());
        var size = new CULong((nuint)file.Length);
        fixed (byte* jpeg = file)
        {
            int header = TurboJpegNative.tjDecompressHeader3(
                decoder, jpeg, size, out int width, out int height, out _, out _);
            if (header != 0)
            {
                throw new ImageException($"the JPEG data are damaged: {decoder.LastError}");
            }
            byte[] pixels = RgbImage.Allocate(width, height);
            fixed (byte* rgb = pixels)
            {
                int result = TurboJpegNative.tjDecompress2(
                    decoder, jpeg, size, rgb, width, width * RgbImage.Channels, height,
                    TurboJpegNative.PixelFormatRgb, TurboJpegNative.FlagAccurateDct);
                if (result != 0 && IsFatal(decoder))
                {
                    throw new ImageException($"the JPEG data are damaged or truncated: {decoder.LastError}");
                }
            }
            return new RgbImage(width, height, pixels);
        }
    }

    public byte[] Encode(RgbImage image)
    {
        ImageLibrary.TurboJpeg.Require();
        using TurboJpegHandle encoder = Opened(TurboJpegNative.tjInitCompress());
        CULong size = TurboJpegNative.tjBufSize(image.Width, image.Height, TurboJpegNative.SubsamplingNone);
        byte[] jpeg = new byte[checked((int)size.Value)];
        fixed (byte* rgb = image.Pixels, start = jpeg)
        {
            byte* destination = start;
            int result = TurboJpegNative.tjCompress2(
                encoder, rgb, image.Width, image.Width * RgbImage.Channels, image.Height, TurboJpegNative.PixelFormatRgb,
                &destination, ref size, TurboJpegNative.SubsamplingNone, Quality,
                TurboJpegNative.FlagNoRealloc | TurboJpegNative.FlagAccurateDct);
            if (result != 0)
            {
                throw new ImageException($"the image cannot be made a JPEG: {encoder.LastError}");
            }
        }
        return jpeg.AsSpan(0, checked((int)size.Value)).ToArray();
    }

    private static TurboJpegHandle Opened(TurboJpegHandle handle) =>
        handle.IsInvalid ? throw new ImageException("TurboJPEG could not be started: there is not enough memory") : handle;

    /// <summary>
    /// TurboJPEG only warns when the data end early and paints the rest grey; here that is an error. Its other warnings,
    /// such as stray bytes between markers, are common in photographs and harmless.
    /// </summary>
    private static bool IsFatal(TurboJpegHandle decoder) =>
        TurboJpegNative.tjGetErrorCode(decoder) != TurboJpegNative.ErrorWarning
        || decoder.LastError.Contains("premature end", StringComparison.OrdinalIgnoreCase);
}

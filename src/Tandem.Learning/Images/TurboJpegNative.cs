using System.Runtime.InteropServices;

namespace Tandem.Learning.Images;

/// <summary>The part of the TurboJPEG 2.x interface (turbojpeg.h) that is used.</summary>
internal static unsafe partial class TurboJpegNative
{
    internal const string Library = "TurboJPEG";

    /// <summary>TJPF_RGB: three bytes per pixel in the order red, green, blue.</summary>
    internal const int PixelFormatRgb = 0;

    /// <summary>TJSAMP_444: colour at full resolution.</summary>
    internal const int SubsamplingNone = 0;

    /// <summary>TJFLAG_NOREALLOC: the caller's buffer is large enough.</summary>
    internal const int FlagNoRealloc = 1024;

    /// <summary>TJFLAG_ACCURATEDCT: the slower, more accurate transform.</summary>
    internal const int FlagAccurateDct = 4096;

    /// <summary>TJERR_WARNING: the image could be decoded, with a complaint.</summary>
    internal const int ErrorWarning = 0;

    [LibraryImport(Library)]
    internal static partial TurboJpegHandle tjInitDecompress();

    [LibraryImport(Library)]
    internal static partial TurboJpegHandle tjInitCompress();

    [LibraryImport(Library)]
    internal static partial int tjDestroy(nint handle);

    [LibraryImport(Library)]
    internal static partial int tjDecompressHeader3(
        TurboJpegHandle handle, byte* jpeg, CULong jpegSize,
        out int width, out int height, out int subsampling, out int colorSpace);

    [LibraryImport(Library)]
    internal static partial int tjDecompress2(
        TurboJpegHandle handle, byte* jpeg, CULong jpegSize,
        byte* pixels, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library)]
    internal static partial CULong tjBufSize(int width, int height, int subsampling);

    [LibraryImport(Library)]
    internal static partial int tjCompress2(
        TurboJpegHandle handle, byte* pixels, int width, int pitch, int height, int pixelFormat,
        byte** jpeg, ref CULong jpegSize, int subsampling, int quality, int flags);

    [LibraryImport(Library)]
    internal static partial byte* tjGetErrorStr2(TurboJpegHandle handle);

    [LibraryImport(Library)]
    internal static partial int tjGetErrorCode(TurboJpegHandle handle);
}

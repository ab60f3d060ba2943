using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tandem.Learning.Images;

/// <summary>The simplified interface of libpng 1.6 (png.h, "SIMPLIFIED API").</summary>
internal static unsafe partial class PngNative
{
    internal const string Library = "libpng";

    /// <summary>PNG_IMAGE_VERSION.</summary>
    internal const uint ImageVersion = 1;

    /// <summary>PNG_FORMAT_RGB: three bytes per pixel, sRGB.</summary>
    internal const uint FormatRgb = 2;

    /// <summary>PNG_IMAGE_FLAG_16BIT_sRGB: 16-bit samples without a gamma chunk are sRGB, as everybody writes them.</summary>
    internal const uint FlagSixteenBitIsSrgb = 4;

    /// <summary>png_image.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Image
    {
        internal nint Opaque;
        internal uint Version;
        internal uint Width;
        internal uint Height;
        internal uint Format;
        internal uint Flags;
        internal uint ColorMapEntries;
        internal uint WarningOrError;
        internal MessageText Message;
    }

    /// <summary>char[64].</summary>
    [InlineArray(64)]
    internal struct MessageText
    {
        private byte _first;
    }

    /// <summary>png_color.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Color(byte red, byte green, byte blue)
    {
        internal readonly byte Red = red;
        internal readonly byte Green = green;
        internal readonly byte Blue = blue;
    }

    [LibraryImport(Library)]
    internal static partial int png_image_begin_read_from_memory(PngImageHandle image, byte* memory, nuint size);

    [LibraryImport(Library)]
    internal static partial int png_image_finish_read(
        PngImageHandle image, Color* background, byte* buffer, int rowStride, void* colorMap);

    [LibraryImport(Library)]
    internal static partial int png_image_write_to_memory(
        PngImageHandle image, byte* memory, ref nuint memoryBytes,
        int convertToEightBit, byte* buffer, int rowStride, void* colorMap);

    [LibraryImport(Library)]
    internal static partial void png_image_free(nint image);
}

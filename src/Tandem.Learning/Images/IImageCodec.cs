namespace Tandem.Learning.Images;

/// <summary>One image format. A codec works on memory; files are <see cref="ImageFile"/>'s business.</summary>
internal interface IImageCodec
{
    /// <summary>The format's name, such as "PNG".</summary>
    string Name { get; }

    /// <summary>File name extensions, lower case with the dot.</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>Whether a file that starts with these bytes is of this format.</summary>
    bool Recognises(ReadOnlySpan<byte> start);

    /// <summary>Decodes a whole file.</summary>
    /// <exception cref="ImageException">The data are damaged, or the library is missing; the message does not name the file.</exception>
    RgbImage Decode(ReadOnlySpan<byte> file);

    /// <summary>Encodes a whole file.</summary>
    /// <exception cref="ImageException">The library is missing or refuses; the message does not name the file.</exception>
    byte[] Encode(RgbImage image);
}

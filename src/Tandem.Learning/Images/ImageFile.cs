namespace Tandem.Learning.Images;

/// <summary>
/// Reads and writes image files. What a file is, its content says when reading and its extension when writing.
/// </summary>
public static class ImageFile
{
    private static readonly IImageCodec[] Codecs = [new PngCodec(), new JpegCodec()];

    private static string FormatNames => string.Join(" or ", Codecs.Select(codec => codec.Name));

    private static string Extensions => string.Join(", ", Codecs.SelectMany(codec => codec.Extensions));

    /// <summary>Whether the extension is that of a format that can be read.</summary>
    public static bool HasKnownExtension(string path) => Array.Exists(Codecs, codec => Has(codec, path));

    /// <summary>Reads a PNG or JPEG file.</summary>
    /// <exception cref="ImageException">The file is missing, no image, damaged or truncated, or its library is missing.</exception>
    public static RgbImage Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new ImageException($"cannot read image '{path}': it is a folder; name a {FormatNames} file");
        }
        try
        {
            return Decode(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageException($"cannot read image '{path}': there is no such file", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ImageException($"cannot read image '{path}': {error.Message}", error);
        }
    }

    /// <summary>Decodes the bytes of a PNG or JPEG file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="ImageException">It is not an image, damaged or truncated, or its library is not installed.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> file, string name)
    {
        foreach (IImageCodec codec in Codecs)
        {
            if (codec.Recognises(file))
            {
                try
                {
                    return codec.Decode(file);
                }
                catch (ImageException error)
                {
                    throw new ImageException($"cannot read image '{name}': {error.Message}", error);
                }
            }
        }
        throw new ImageException($"cannot read image '{name}': it is not a {FormatNames} file; convert it first");
    }

    /// <summary>Writes an image; the file appears whole or not at all, and replaces one of the same name.</summary>
    /// <param name="path">Where; its extension (.png, .jpg, .jpeg) chooses the format.</param>
    /// <param name="image">What to write.</param>
    /// <exception cref="ImageException">The extension is unknown, the place cannot be written, or the library is not installed.</exception>
    public static void Write(string path, RgbImage image)
    {
        IImageCodec codec = Array.Find(Codecs, c => Has(c, path))
            ?? throw new ImageException($"cannot write image '{path}': its extension must be one of {Extensions}");
        try
        {
            Replace(path, codec.Encode(image));
        }
        catch (ImageException error)
        {
            throw new ImageException($"cannot write image '{path}': {error.Message}", error);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new ImageException($"cannot write image '{path}': its folder does not exist", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ImageException($"cannot write image '{path}': {error.Message}", error);
        }
    }

    private static bool Has(IImageCodec codec, string path) =>
        codec.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private static void Replace(string path, byte[] content)
    {
        // Beside the target, so that the move stays within one file system.
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
            throw;
        }
    }
}

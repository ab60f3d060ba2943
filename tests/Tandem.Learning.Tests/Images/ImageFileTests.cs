using Tandem.Learning.Images;

namespace Tandem.Learning.Tests.Images;

public sealed class ImageFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tandem-images-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(37, 23)]
    [InlineData(640, 3)]
    public void Png_survives_a_round_trip_exactly(int width, int height)
    {
        RgbImage image = TestImages.Noise(width, height, seed: width);
        string path = In("image.png");

        ImageFile.Write(path, image);
        RgbImage read = ImageFile.Read(path);

        Assert.Equal((width, height), (read.Width, read.Height));
        Assert.Equal(image.Pixels, read.Pixels);
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("image.jpg")]
    [InlineData("image.JPEG")]
    public void Jpeg_survives_a_round_trip_closely(string name)
    {
        RgbImage image = TestImages.Gradient(61, 47);

        ImageFile.Write(In(name), image);
        RgbImage read = ImageFile.Read(In(name));

        Assert.Equal((61, 47), (read.Width, read.Height));
        double meanError = image.Pixels.Zip(read.Pixels, (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(meanError, 0, 1.5);
        Assert.All(image.Pixels.Zip(read.Pixels), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 12));
    }

    [Fact]
    public void The_content_tells_the_format_not_the_name()
    {
        ImageFile.Write(In("image.png"), TestImages.Noise(8, 8, 1));
        File.Move(In("image.png"), In("image.jpg"));

        Assert.Equal(8, ImageFile.Read(In("image.jpg")).Width);
    }

    [Fact]
    public void Grey_png_with_transparency_is_read_as_colour_on_white()
    {
        // Two pixels of 8-bit grey with alpha: an opaque 100 and a wholly transparent one.
        byte[] png = Convert.FromBase64String(
            "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR4nGNI+W/EAAAE9gGWuh56qAAAAABJRU5ErkJggg==");

        RgbImage image = ImageFile.Decode(png, "grey.png");

        Assert.Equal([100, 100, 100, 255, 255, 255], image.Pixels);
    }

    [Fact]
    public void Writing_replaces_an_older_file()
    {
        File.WriteAllText(In("image.png"), "old");

        ImageFile.Write(In("image.png"), TestImages.Noise(4, 4, 2));

        Assert.Equal(4, ImageFile.Read(In("image.png")).Height);
    }

    [Fact]
    public void Missing_file_is_named() =>
        Fails(() => ImageFile.Read(In("none.png")), "none.png", "no such file");

    [Fact]
    public void Folder_is_refused() =>
        Fails(() => ImageFile.Read(_folder), "is a folder");

    [Fact]
    public void Text_file_is_not_an_image()
    {
        File.WriteAllText(In("note.png"), "not an image");

        Fails(() => ImageFile.Read(In("note.png")), "note.png", "not a PNG or JPEG file");
    }

    [Theory]
    [InlineData("image.png", 0.5)]
    [InlineData("image.jpg", 0.5)]
    [InlineData("image.png", 0.02)]
    [InlineData("image.jpg", 0.002)]
    public void Truncated_file_is_refused(string name, double share)
    {
        ImageFile.Write(In(name), TestImages.Noise(64, 64, 3));
        byte[] whole = File.ReadAllBytes(In(name));
        File.WriteAllBytes(In(name), whole[..(int)Math.Max(12, whole.Length * share)]);

        Fails(() => ImageFile.Read(In(name)), name, "damaged");
    }

    [Fact]
    public void Png_that_claims_too_many_pixels_is_refused_before_memory_is_taken()
    {
        ImageFile.Write(In("image.png"), TestImages.Noise(4, 4, 4));
        byte[] png = File.ReadAllBytes(In("image.png"));
        // Width and height lie at bytes 16..23 of the IHDR chunk; its checksum follows at 29.
        png[17] = 0x01;
        png[21] = 0x01;
        WriteChecksum(png.AsSpan(12, 17), png.AsSpan(29, 4));

        Fails(() => ImageFile.Decode(png, "huge.png"), "huge.png", "shrink");
    }

    [Fact]
    public void Unknown_extension_is_refused_and_nothing_written()
    {
        Fails(() => ImageFile.Write(In("image.bmp"), TestImages.Noise(2, 2, 5)), ".bmp", ".png");
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Missing_folder_is_named() =>
        Fails(() => ImageFile.Write(In("none/image.png"), TestImages.Noise(2, 2, 6)), "folder does not exist");

    [Fact]
    public void Failed_write_leaves_nothing_behind()
    {
        Directory.CreateDirectory(In("image.png"));

        Fails(() => ImageFile.Write(In("image.png"), TestImages.Noise(2, 2, 7)), "cannot write image");
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Missing_library_names_its_packages()
    {
        var library = new ImageLibrary("Nothing", ["libtandem-has-no-such-library.so.0"], "nothing0 (Debian)");

        Fails(library.Require, "Nothing", "nothing0 (Debian)");
    }

    private static void Fails(Action action, params string[] parts)
    {
        string message = Assert.Throws<ImageException>(action).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }

    private static void WriteChecksum(ReadOnlySpan<byte> chunk, Span<byte> checksum)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in chunk)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(checksum, ~crc);
    }

    private string In(string name) => Path.Combine(_folder, name);
}

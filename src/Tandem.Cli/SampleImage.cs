using Tandem.Learning.Images;

namespace Tandem.Cli;

/// <summary>The picture that the product ships, for a first run without any file.</summary>
internal static class SampleImage
{
    private const string Resource = "Tandem.Cli.Samples.sample.png";

    /// <summary>The picture; null where the image library is not installed, since a first run should not fail for that.</summary>
    public static RgbImage? Read()
    {
        using Stream stream = typeof(SampleImage).Assembly.GetManifestResourceStream(Resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        try
        {
            return ImageFile.Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), "sample.png");
        }
        catch (ImageException e)
        {
            Console.Error.WriteLine($"tandem: {e.Message}; running on seeded numbers instead of the sample picture");
            return null;
        }
    }
}

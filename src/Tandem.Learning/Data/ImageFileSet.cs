using Tandem.Learning.Images;

namespace Tandem.Learning.Data;

/// <summary>
/// Labelled PNG and JPEG files. All are decoded once when the set is opened, so that what does not decode is known at once; the
/// samples stay in memory up to a limit, beyond it files are decoded again whenever they are read.
/// </summary>
public sealed class ImageFileSet : ILabelledImages
{
    /// <summary>The memory that samples may take unless told otherwise: 1 GiB.</summary>
    public const long DefaultMemoryLimitBytes = 1L << 30;

    private const int NamedAtMost = 3;

    private readonly string[] _paths;
    private readonly int[] _labels;
    private readonly byte[]? _samples;

    private ImageFileSet(
        ImageShape shape, IReadOnlyList<string> classes, string[] paths, int[] labels, byte[]? samples, IReadOnlyList<RejectedImage> rejected)
    {
        Shape = shape;
        Classes = classes;
        _paths = paths;
        _labels = labels;
        _samples = samples;
        Rejected = rejected;
    }

    /// <inheritdoc/>
    public ImageShape Shape { get; }

    /// <inheritdoc/>
    public int Count => _paths.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The files that were left out because they do not decode, in the order in which they were given.</summary>
    public IReadOnlyList<RejectedImage> Rejected { get; }

    /// <summary>Whether the samples are in memory.</summary>
    public bool IsInMemory => _samples is not null;

    /// <summary>One line for the user that counts and names what was left out; null where nothing was.</summary>
    public string? RejectionNotice => Rejected.Count == 0 ? null : Notice(Rejected, Rejected.Count + Count);

    /// <summary>The file of an image.</summary>
    public string PathOf(int index) => _paths[index];

    /// <inheritdoc/>
    public int LabelOf(int index) => _labels[index];

    /// <inheritdoc/>
    public void Read(int index, Span<byte> samples)
    {
        if (_samples is not null)
        {
            _samples.AsSpan(index * Shape.SampleCount, Shape.SampleCount).CopyTo(samples);
            return;
        }
        try
        {
            DecodedImage.Write(ImageFile.Read(_paths[index]), Shape, samples);
        }
        catch (ImageException error)
        {
            throw new DatasetException($"{error.Message}; it could be read when the data set was opened", error);
        }
    }

    /// <summary>Decodes files, on all cores.</summary>
    /// <param name="files">Paths and labels.</param>
    /// <param name="classes">The classes' names.</param>
    /// <param name="shape">The shape to give all images; null for that of the first that decodes.</param>
    /// <param name="source">What error messages call the set.</param>
    /// <param name="memoryLimitBytes">The samples stay in memory where they take no more.</param>
    /// <exception cref="DatasetException">A class is left without an image.</exception>
    internal static ImageFileSet Open(
        IReadOnlyList<(string Path, int Label)> files, IReadOnlyList<string> classes, ImageShape? shape, string source, long memoryLimitBytes)
    {
        ImageShape common = (shape ?? FirstShape(files) ?? new ImageShape(RgbImage.Channels, 1, 1)).Checked();
        bool fits = (long)files.Count * common.SampleCount <= Math.Min(memoryLimitBytes, Array.MaxLength);
        byte[]? samples = fits ? new byte[files.Count * common.SampleCount] : null;
        RejectedImage?[] failures = new RejectedImage?[files.Count];
        DatasetFile.ForEach(files.Count, i =>
        {
            try
            {
                RgbImage image = ImageFile.Read(files[i].Path);
                if (samples is not null)
                {
                    DecodedImage.Write(image, common, samples.AsSpan(i * common.SampleCount, common.SampleCount));
                }
            }
            catch (ImageException error)
            {
                failures[i] = new RejectedImage(files[i].Path, error.Message);
            }
        });
        int[] kept = [.. Enumerable.Range(0, files.Count).Where(i => failures[i] is null)];
        RejectedImage[] rejected = [.. failures.OfType<RejectedImage>()];
        string[] paths = Array.ConvertAll(kept, i => files[i].Path);
        int[] labels = Array.ConvertAll(kept, i => files[i].Label);
        CheckClasses(labels, classes, source, rejected, files.Count);
        return new ImageFileSet(common, classes, paths, labels, samples is null ? null : Compact(samples, kept, common), rejected);
    }

    private static void CheckClasses(
        int[] labels, IReadOnlyList<string> classes, string source, RejectedImage[] rejected, int files)
    {
        try
        {
            ClassCounts.Check(labels, classes, source);
        }
        catch (DatasetException error) when (rejected.Length > 0)
        {
            throw new DatasetException($"{error.Message} ({Notice(rejected, files)}; the first: {rejected[0].Reason})", error);
        }
    }

    private static ImageShape? FirstShape(IReadOnlyList<(string Path, int Label)> files)
    {
        foreach ((string path, _) in files)
        {
            try
            {
                return DecodedImage.ShapeOf(ImageFile.Read(path));
            }
            catch (ImageException)
            {
                // It is rejected, with its reason, when all files are decoded.
            }
        }
        return null;
    }

    private static byte[] Compact(byte[] samples, int[] kept, ImageShape shape)
    {
        int size = shape.SampleCount;
        for (int i = 0; i < kept.Length; i++)
        {
            samples.AsSpan(kept[i] * size, size).CopyTo(samples.AsSpan(i * size, size));
        }
        return samples;
    }

    private static string Notice(IReadOnlyList<RejectedImage> rejected, int files)
    {
        string named = string.Join(", ", rejected.Take(NamedAtMost).Select(r => Path.GetFileName(r.Path)));
        string more = rejected.Count > NamedAtMost ? $" and {rejected.Count - NamedAtMost} more" : "";
        return $"{rejected.Count} of {files} images do not decode and are left out: {named}{more}";
    }
}

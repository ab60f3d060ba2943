using System.Buffers.Binary;
using Tandem.Learning.Images;

namespace Tandem.Learning.Data;

/// <summary>
/// CIFAR-10 (Krizhevsky 2009) as JPEG records: one byte for the class, two (little-endian) for the length of the JPEG, the JPEG,
/// and so on to the end of the file.
/// </summary>
public static class CifarRecords
{
    private const int HeaderBytes = 3;

    /// <summary>The names of the ten classes.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>The shape of every image.</summary>
    public static ImageShape Shape { get; } = new(3, 32, 32);

    /// <summary>Decodes all records of a file, on all cores; 3,072 bytes of memory for each.</summary>
    /// <param name="path">Such as train.bin or test.bin.</param>
    /// <param name="most">Reads the first records only; null for all.</param>
    /// <exception cref="DatasetException">The file is missing, empty or cut short, or a record holds no class or image.</exception>
    public static StoredImages Read(string path, int? most = null) => Decode(DatasetFile.ReadAllBytes(path), path, most);

    /// <summary>Decodes records in memory.</summary>
    /// <param name="records">The whole file, or its beginning.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="most">Reads the first records only; null for all.</param>
    /// <exception cref="DatasetException">It is empty or cut short, or a record holds no class or image.</exception>
    public static StoredImages Decode(byte[] records, string name, int? most = null)
    {
        (int Start, int Length)[] extents = Extents(records, name, most ?? int.MaxValue);
        int[] labels = Array.ConvertAll(extents, extent => (int)records[extent.Start - HeaderBytes]);
        int badLabel = Array.FindIndex(labels, label => label >= ClassNames.Count);
        if (badLabel >= 0)
        {
            throw new DatasetException(
                $"'{name}': record {badLabel} has class {labels[badLabel]}, not one of 0 to 9: it is no file of CIFAR-10 records, or damaged");
        }
        ClassCounts.Check(labels, ClassNames, $"'{name}'");
        return new StoredImages(Shape, ClassNames, Decode(records, extents, name), labels);
    }

    private static byte[] Decode(byte[] records, (int Start, int Length)[] extents, string name)
    {
        byte[] samples = new byte[(long)extents.Length * Shape.SampleCount];
        DatasetFile.ForEach(extents.Length, i =>
        {
            RgbImage image;
            try
            {
                image = ImageFile.Decode(records.AsSpan(extents[i].Start, extents[i].Length), $"record {i}");
            }
            catch (ImageException error)
            {
                throw new DatasetException($"'{name}': {error.Message}", error);
            }
            if (DecodedImage.ShapeOf(image) != Shape)
            {
                throw new DatasetException($"'{name}': record {i} is {image.Width}x{image.Height} pixels, not 32x32: it is no CIFAR-10 record");
            }
            DecodedImage.Write(image, Shape, samples.AsSpan(i * Shape.SampleCount, Shape.SampleCount));
        });
        return samples;
    }

    private static (int Start, int Length)[] Extents(byte[] records, string name, int most)
    {
        var extents = new List<(int Start, int Length)>();
        int next = 0;
        while (next < records.Length && extents.Count < most)
        {
            int start = next + HeaderBytes;
            int length = start <= records.Length ? BinaryPrimitives.ReadUInt16LittleEndian(records.AsSpan(next + 1)) : 0;
            if (start + length > records.Length)
            {
                throw new DatasetException(
                    $"'{name}' ends within record {extents.Count} (byte {next} of {records.Length}): it is cut short; copy it again");
            }
            extents.Add((start, length));
            next = start + length;
        }
        return [.. extents];
    }
}

using System.Globalization;
using CsvHelper;
using Tandem.Learning.Images;

namespace Tandem.Learning.Data;

/// <summary>The rows of a CSV file that holds a label and the samples of an image in each.</summary>
internal sealed class CsvSamples(string path, string[] header, int labelColumn, CsvImagesOptions options)
{
    private readonly ImageShape _shape = ShapeOf(path, header.Length - 1, options.Shape);

    /// <summary>Reads all rows.</summary>
    /// <exception cref="DatasetException">A row is wrong; the message has its line.</exception>
    internal StoredImages Read(CsvReader rows)
    {
        var labels = new ClassLabels();
        byte[] samples = new byte[_shape.SampleCount * 64];
        int count = 0;
        for (; rows.Read(); count++)
        {
            CsvImages.CheckWidth(path, rows, header.Length);
            labels.Add(rows.GetString(labelColumn), rows.LineNumber);
            if (samples.Length < (count + 1L) * _shape.SampleCount)
            {
                Array.Resize(ref samples, Grown(samples.Length));
            }
            ReadRow(rows, samples.AsSpan(count * _shape.SampleCount, _shape.SampleCount));
        }
        (IReadOnlyList<string> classes, int[] resolved) = labels.Resolve(options.Classes, $"'{path}'");
        ClassCounts.Check(resolved, classes, $"'{path}'");
        return new StoredImages(_shape, classes, samples[..(count * _shape.SampleCount)], resolved);
    }

    private void ReadRow(CsvReader rows, Span<byte> samples)
    {
        int sample = 0;
        for (int column = 0; column < header.Length; column++)
        {
            if (column == labelColumn)
            {
                continue;
            }
            if (!byte.TryParse(rows.GetSpan(column), NumberStyles.None, CultureInfo.InvariantCulture, out samples[sample++]))
            {
                throw new DatasetException(
                    $"'{path}', line {rows.LineNumber}: '{rows.GetString(column)}' in column '{header[column]}' is no sample: use whole numbers from 0 to 255");
            }
        }
    }

    private int Grown(int length) => length < Array.MaxLength / 2
        ? length * 2
        : throw new DatasetException($"'{path}' holds more than 1 GiB of samples: use image files and a column with their paths");

    private static ImageShape ShapeOf(string path, int columns, ImageShape? given)
    {
        if (given is { } shape)
        {
            return shape.Checked().SampleCount == columns ? shape : throw new DatasetException(
                $"'{path}' has {columns} columns of samples, but images of {shape} have {shape.SampleCount}: give the shape that it has");
        }
        foreach (int channels in (int[])[1, RgbImage.Channels])
        {
            int side = (int)Math.Sqrt(columns / channels);
            if (columns > 0 && side * side * channels == columns)
            {
                return new ImageShape(channels, side, side);
            }
        }
        throw new DatasetException($"'{path}' has {columns} columns of samples, which is no square image: give the images' shape");
    }
}

using CsvHelper;

namespace Tandem.Learning.Data;

/// <summary>
/// Labelled images of a CSV file with a header line: a column with the class, and either a column with paths of image files or a
/// column for each sample (0..255, plane by plane, as MNIST is usually handed on).
/// </summary>
public static class CsvImages
{
    private static readonly CsvReaderOptions Format = new()
    {
        Separator = ',',
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="options">How it holds the images; null for the defaults.</param>
    /// <returns>An <see cref="ImageFileSet"/> where the file holds paths, else <see cref="StoredImages"/>.</returns>
    /// <exception cref="DatasetException">
    /// The file cannot be read; a column is missing; a row has too few columns, a label out of range or no sample where one should
    /// be (the message has the line); a class has no image.
    /// </exception>
    public static ILabelledImages Read(string path, CsvImagesOptions? options = null)
    {
        options ??= new CsvImagesOptions();
        try
        {
            using CsvReader rows = DatasetFile.Reading(path, () => CsvReader.FromFile(path, Format));
            string[] header = [.. rows.Headers];
            if (header.Length == 0)
            {
                throw new DatasetException($"'{path}' is empty: its first line must name the columns");
            }
            return options.PathColumn is { } column
                ? Files(path, rows, header, Column(path, header, column), options)
                : new CsvSamples(path, header, Column(path, header, options.LabelColumn), options).Read(rows);
        }
        catch (Exception error) when (error is CsvFormatException or IOException)
        {
            throw new DatasetException($"'{path}' is not a CSV file: {error.Message.ReplaceLineEndings("\n").Split('\n')[0]}", error);
        }
    }

    private static ImageFileSet Files(string path, CsvReader rows, string[] header, int pathColumn, CsvImagesOptions options)
    {
        int labelColumn = Column(path, header, options.LabelColumn);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var labels = new ClassLabels();
        var paths = new List<string>();
        while (rows.Read())
        {
            CheckWidth(path, rows, header.Length);
            labels.Add(rows.GetString(labelColumn), rows.LineNumber);
            paths.Add(Path.Combine(folder, rows.GetString(pathColumn)));
        }
        (IReadOnlyList<string> classes, int[] resolved) = labels.Resolve(options.Classes, $"'{path}'");
        return ImageFileSet.Open([.. paths.Zip(resolved)], classes, options.Shape, $"'{path}'", options.MemoryLimitBytes);
    }

    /// <summary>Refuses a row that has not as many columns as the header.</summary>
    internal static void CheckWidth(string path, CsvReader rows, int columns)
    {
        if (rows.FieldCount != columns)
        {
            throw new DatasetException($"'{path}', line {rows.LineNumber}: it has {rows.FieldCount} columns, the header {columns}: correct it");
        }
    }

    private static int Column(string path, string[] header, string name)
    {
        int column = Array.FindIndex(header, h => h.Trim().Equals(name, StringComparison.OrdinalIgnoreCase));
        return column >= 0 ? column : throw new DatasetException(
            $"'{path}' has no column '{name}': name one of {string.Join(", ", header.Take(5))}{(header.Length > 5 ? ", ..." : "")}");
    }
}

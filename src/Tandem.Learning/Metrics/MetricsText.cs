using CsvHelper;

namespace Tandem.Learning.Metrics;

/// <summary>Metrics as CSV: a header line, then a line for each row; what was not measured is empty.</summary>
internal static class MetricsText
{
    private static readonly string[] Columns =
    [
        "kind", "epoch", "step", "learning_rate", "training_loss", "training_accuracy",
        "validation_loss", "validation_accuracy", "images_per_second", "seconds",
    ];

    private static readonly CsvWriterOptions Format = new() { NewLine = "\n" };

    /// <summary>The table as UTF-8.</summary>
    internal static byte[] Of(MetricsTable table)
    {
        using var bytes = new MemoryStream();
        using (CsvWriter writer = CsvWriter.Create(bytes, Format, leaveOpen: true))
        {
            foreach (string column in Columns.Concat(table.FurtherColumns))
            {
                writer.WriteField(column);
            }
            writer.EndRecord();
        }
        foreach (MetricsRow row in table.Rows)
        {
            bytes.Write(Line(row));
        }
        return bytes.ToArray();
    }

    /// <summary>A row as UTF-8, with its line break.</summary>
    internal static byte[] Line(MetricsRow row)
    {
        using var bytes = new MemoryStream();
        using (CsvWriter writer = CsvWriter.Create(bytes, Format, leaveOpen: true))
        {
            writer.WriteField(row.Kind == MetricsKind.Epoch ? "epoch" : "steps");
            writer.WriteField(row.Epoch);
            writer.WriteField(row.Step);
            foreach (double? value in Values(row))
            {
                writer.WriteField(value);
            }
            writer.EndRecord();
        }
        return bytes.ToArray();
    }

    /// <summary>Reads a table. A last line without a line break was not written to its end and is left out.</summary>
    /// <exception cref="MetricsException">It is no file of metrics.</exception>
    internal static MetricsTable Parse(ReadOnlySpan<byte> text, string path)
    {
        byte[] whole = text[..(text.LastIndexOf((byte)'\n') + 1)].ToArray();
        try
        {
            using CsvReader reader = CsvReader.Create(whole, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true });
            string[] header = [.. reader.Headers];
            if (!header.AsSpan().StartsWith(Columns))
            {
                throw new MetricsException($"'{path}' holds no metrics of a training run: name another file");
            }
            var rows = new List<MetricsRow>();
            while (reader.Read())
            {
                rows.Add(reader.FieldCount == header.Length ? Row(reader) : throw new MetricsException(
                    $"'{path}', line {reader.LineNumber}: it has {reader.FieldCount} columns, the header {header.Length}: delete the line"));
            }
            return new MetricsTable(header[Columns.Length..], rows);
        }
        catch (Exception error) when (error is CsvFormatException or FormatException or OverflowException)
        {
            throw new MetricsException($"'{path}' is damaged: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static IEnumerable<double?> Values(MetricsRow row) =>
    [
        row.LearningRate, row.TrainingLoss, row.TrainingAccuracy, row.ValidationLoss, row.ValidationAccuracy,
        row.ImagesPerSecond, row.Seconds, .. row.Further,
    ];

    private static MetricsRow Row(CsvReader reader)
    {
        MetricsKind kind = reader.GetString(0) switch
        {
            "epoch" => MetricsKind.Epoch,
            "steps" => MetricsKind.Steps,
            var other => throw new FormatException($"line {reader.LineNumber} begins with '{other}', not with epoch or steps"),
        };
        double?[] values = [.. Enumerable.Range(3, reader.FieldCount - 3).Select(i => reader.IsEmpty(i) ? (double?)null : reader[i].Parse<double>())];
        return new MetricsRow(kind, reader[1].Parse<double>(), reader[2].Parse<long>())
        {
            LearningRate = values[0],
            TrainingLoss = values[1],
            TrainingAccuracy = values[2],
            ValidationLoss = values[3],
            ValidationAccuracy = values[4],
            ImagesPerSecond = values[5],
            Seconds = values[6],
            Further = values[7..],
        };
    }
}

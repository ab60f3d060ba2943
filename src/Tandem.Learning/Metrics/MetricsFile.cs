namespace Tandem.Learning.Metrics;

/// <summary>Writes the metrics of a training run to a CSV file, a line at a time, so that what is there can be looked at while it goes on.</summary>
public sealed class MetricsFile : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;

    private MetricsFile(string path, MetricsTable kept)
    {
        _path = path;
        Kept = kept;
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    /// <summary>What the file held when it was opened: nothing, or the rows of the run that goes on.</summary>
    public MetricsTable Kept { get; }

    /// <summary>Begins a file; one that is there is replaced.</summary>
    /// <param name="path">The file.</param>
    /// <param name="furtherColumns">The names of columns beyond the usual ones.</param>
    /// <exception cref="MetricsException">The file cannot be written.</exception>
    public static MetricsFile Create(string path, IReadOnlyList<string> furtherColumns) =>
        Open(path, new MetricsTable(furtherColumns, []));

    /// <summary>
    /// Goes on with the file of a run that goes on at a checkpoint. Rows of steps after the checkpoint, which will be made again, are
    /// deleted. Where there is no file it is begun.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="furtherColumns">The names of columns beyond the usual ones; those of the file.</param>
    /// <param name="step">The optimiser steps that the checkpoint has done.</param>
    /// <exception cref="MetricsException">The file cannot be read or written, or has other columns.</exception>
    public static MetricsFile Resume(string path, IReadOnlyList<string> furtherColumns, long step)
    {
        if (!File.Exists(path))
        {
            return Create(path, furtherColumns);
        }
        MetricsTable table = Read(path);
        if (!table.FurtherColumns.SequenceEqual(furtherColumns))
        {
            throw new MetricsException($"'{path}' has the columns {string.Join(", ", table.FurtherColumns)} where this run has "
                + $"{string.Join(", ", furtherColumns)}: name another file");
        }
        return Open(path, table with { Rows = [.. table.Rows.Where(row => row.Step <= step)] });
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="MetricsException">It cannot be read, or holds no metrics.</exception>
    public static MetricsTable Read(string path)
    {
        try
        {
            return MetricsText.Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (IsOfFiles(error))
        {
            throw new MetricsException($"cannot read the metrics in '{path}': {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">It has not as many further values as the file has further columns.</exception>
    /// <exception cref="MetricsException">The file cannot be written.</exception>
    public void Write(MetricsRow row)
    {
        if (row.Further.Count != Kept.FurtherColumns.Count)
        {
            throw new ArgumentException($"{row.Further.Count} values are not {Kept.FurtherColumns.Count}", nameof(row));
        }
        try
        {
            _file.Write(MetricsText.Line(row));
            _file.Flush();
        }
        catch (IOException error)
        {
            throw Unwritable(_path, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static MetricsFile Open(string path, MetricsTable kept)
    {
        string partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            File.WriteAllBytes(partial, MetricsText.Of(kept));
            File.Move(partial, path, overwrite: true);
            return new MetricsFile(path, kept);
        }
        catch (Exception error) when (IsOfFiles(error))
        {
            if (File.Exists(partial))
            {
                File.Delete(partial);
            }
            throw Unwritable(path, error);
        }
    }

    private static bool IsOfFiles(Exception error) => error is IOException or UnauthorizedAccessException or ArgumentException;

    private static MetricsException Unwritable(string path, Exception error) => new(
        $"cannot write the metrics to '{path}' ({error.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')}): "
        + "name a file in a folder that exists and can be written", error);
}

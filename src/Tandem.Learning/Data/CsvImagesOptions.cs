namespace Tandem.Learning.Data;

/// <summary>How a CSV file holds labelled images.</summary>
public sealed record CsvImagesOptions
{
    /// <summary>The column with the class: its name, or its number from 0 on.</summary>
    /// <value>"label".</value>
    public string LabelColumn { get; init; } = "label";

    /// <summary>The column with the path of an image file, relative to the CSV file's folder; null where all other columns are samples.</summary>
    /// <value>null.</value>
    public string? PathColumn { get; init; }

    /// <summary>The shape of the images; null where their size tells (files: that of the first; samples: square, grey or colour).</summary>
    /// <value>null.</value>
    public ImageShape? Shape { get; init; }

    /// <summary>The classes' names in the order of their numbers; null where the labels tell.</summary>
    /// <value>null.</value>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Decoded files stay in memory where they take no more.</summary>
    /// <value>1 GiB.</value>
    public long MemoryLimitBytes { get; init; } = ImageFileSet.DefaultMemoryLimitBytes;
}

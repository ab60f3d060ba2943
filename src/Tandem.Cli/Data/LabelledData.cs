using Tandem.Learning.Data;

namespace Tandem.Cli.Data;

/// <summary>Labelled images that the command line names.</summary>
/// <param name="Name">What output calls them.</param>
/// <param name="Training">Images to train on.</param>
/// <param name="Validation">Other images, of the same classes.</param>
/// <param name="Notices">Lines for the user, such as which images do not decode.</param>
internal sealed record LabelledData(string Name, ILabelledImages Training, ILabelledImages Validation, IReadOnlyList<string> Notices)
{
    /// <summary>The name of the set that the program draws itself.</summary>
    public const string Procedural = "procedural";

    /// <summary>What one can name, for help and messages.</summary>
    public const string Kinds = "a folder with CIFAR-10's train.bin and test.bin, a folder with a folder of images for each class "
        + "(or two such folders, 'train' and 'test'), a CSV file, or 'procedural'";

    private const double ValidationShare = 0.1;
    private const int ProceduralTraining = 10_000;
    private const int ProceduralValidation = 2_000;

    // Any other than that of the images to train on.
    private const ulong ValidationSeed = 0x5EED;

    private static readonly string[] ValidationFolders = ["test", "val", "validation"];
    private static readonly string[] PathColumns = ["path", "file", "filename", "image"];

    /// <summary>Whether the program draws the images itself.</summary>
    public bool IsProcedural => Name == Procedural;

    /// <summary>Opens what is there.</summary>
    /// <param name="data">A path, or <see cref="Procedural"/>.</param>
    /// <param name="shape">What images of files are scaled to; null for the shape of the first.</param>
    /// <param name="seed">Says which images are held back where the data are not divided already.</param>
    /// <exception cref="TandemException">Nothing is there, or it holds no labelled images.</exception>
    public static LabelledData Open(string data, ImageShape? shape, ulong seed)
    {
        if (data == Procedural && !Path.Exists(data))
        {
            return new LabelledData(
                data, new ProceduralImages(ProceduralTraining, seed), new ProceduralImages(ProceduralValidation, seed ^ ValidationSeed), []);
        }
        if (File.Exists(data))
        {
            return Split(data, data.EndsWith(".bin", StringComparison.OrdinalIgnoreCase) ? CifarRecords.Read(data) : Csv(data, shape), seed);
        }
        if (!Directory.Exists(data))
        {
            throw new TandemException($"there are no data '{data}'; name {Kinds}");
        }
        return OfFolder(data, shape, seed);
    }

    private static LabelledData OfFolder(string data, ImageShape? shape, ulong seed)
    {
        string training = Path.Combine(data, "train");
        if (File.Exists($"{training}.bin"))
        {
            return File.Exists(Path.Combine(data, "test.bin"))
                ? Pair(data, CifarRecords.Read($"{training}.bin"), CifarRecords.Read(Path.Combine(data, "test.bin")))
                : Split(data, CifarRecords.Read($"{training}.bin"), seed);
        }
        if (File.Exists($"{training}.csv"))
        {
            return File.Exists(Path.Combine(data, "test.csv"))
                ? Pair(data, Csv($"{training}.csv", shape), Csv(Path.Combine(data, "test.csv"), shape))
                : Split(data, Csv($"{training}.csv", shape), seed);
        }
        string? validation = ValidationFolders.Select(name => Path.Combine(data, name)).FirstOrDefault(Directory.Exists);
        return Directory.Exists(training) && validation is not null
            ? Pair(data, ImageFolder.Open(training, shape), ImageFolder.Open(validation, shape))
            : Split(data, ImageFolder.Open(data, shape), seed);
    }

    private static ILabelledImages Csv(string path, ImageShape? shape)
    {
        string header = "";
        using (var reader = new StreamReader(path))
        {
            header = reader.ReadLine() ?? "";
        }
        string? column = header.Split(',').Select(name => name.Trim().Trim('"'))
            .FirstOrDefault(name => PathColumns.Contains(name, StringComparer.OrdinalIgnoreCase));
        return CsvImages.Read(path, new CsvImagesOptions { PathColumn = column, Shape = shape });
    }

    private static LabelledData Pair(string name, ILabelledImages training, ILabelledImages validation) =>
        training.Classes.SequenceEqual(validation.Classes)
            ? new LabelledData(name, training, validation, [.. NoticesOf(training), .. NoticesOf(validation)])
            : throw new DatasetException($"'{name}': the classes to train on ({Names(training)}) are not those to validate with ({Names(validation)})");

    private static LabelledData Split(string name, ILabelledImages images, ulong seed)
    {
        (ImageSubset training, ImageSubset validation) = StratifiedSplit.Of(images, ValidationShare, seed);
        return new LabelledData(name, training, validation, [.. NoticesOf(images)]);
    }

    private static IEnumerable<string> NoticesOf(ILabelledImages images) =>
        images is ImageFileSet { RejectionNotice: { } notice } ? [notice] : [];

    private static string Names(ILabelledImages images) =>
        string.Join(", ", images.Classes.Take(3)) + (images.Classes.Count > 3 ? $" and {images.Classes.Count - 3} more" : "");
}

using Tandem.Learning.Images;

namespace Tandem.Learning.Data;

/// <summary>A folder with a folder for each class, in which the images of the class lie, at any depth.</summary>
public static class ImageFolder
{
    /// <summary>
    /// Opens a folder. Classes are in the order of their names, byte by byte, and so are the files of a class. Files that have
    /// another extension than PNG and JPEG files have, and those whose name begins with a dot, are passed over.
    /// </summary>
    /// <param name="path">The folder that holds the classes' folders.</param>
    /// <param name="shape">The shape to give all images; null for that of the first.</param>
    /// <param name="memoryLimitBytes">The samples stay in memory where they take no more.</param>
    /// <exception cref="DatasetException">The folder cannot be read, holds no folders, or a class has no image that decodes.</exception>
    public static ImageFileSet Open(
        string path, ImageShape? shape = null, long memoryLimitBytes = ImageFileSet.DefaultMemoryLimitBytes)
    {
        string[] folders = DatasetFile.Reading(path, () => Directory.GetDirectories(path));
        folders = [.. folders.Where(folder => !IsHidden(folder)).Order(StringComparer.Ordinal)];
        if (folders.Length == 0)
        {
            throw new DatasetException($"'{path}' holds no folders: put the images of each class into a folder with the class's name");
        }
        var files = new List<(string Path, int Label)>();
        for (int label = 0; label < folders.Length; label++)
        {
            string folder = folders[label];
            files.AddRange(DatasetFile.Reading(folder, () => ImagesIn(folder)).Select(file => (file, label)));
        }
        return ImageFileSet.Open(files, Array.ConvertAll(folders, f => Path.GetFileName(f)), shape, $"'{path}'", memoryLimitBytes);
    }

    private static string[] ImagesIn(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !IsHidden(file) && ImageFile.HasKnownExtension(file))
            .Order(StringComparer.Ordinal),
    ];

    private static bool IsHidden(string path) => Path.GetFileName(path).StartsWith('.');
}

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Finds data that is shared with the repository but not part of it.</summary>
internal static class SharedData
{
    /// <summary>The path of a file below shared/data; skips the test where it is absent.</summary>
    public static string Require(string path)
    {
        string? file = Find(path);
        Assert.SkipWhen(file is null, $"shared/data/{path} is not here");
        return file!;
    }

    private static string? Find(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "shared", "data", path);
            if (File.Exists(file))
            {
                return file;
            }
        }
        return null;
    }
}

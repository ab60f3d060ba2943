namespace Tandem.Tests;

/// <summary>The networks of shared/data/models, in or beside a folder above the tests; tests that need them are skipped without.</summary>
internal static class SharedModels
{
    /// <summary>The path of a file there. Skips the test where the folder is absent.</summary>
    public static string PathOf(string file)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", "models", file);
            if (File.Exists(path))
            {
                return path;
            }
        }
        Assert.Skip($"shared/data/models/{file} is not there");
        return "";
    }
}

namespace Tandem.Learning.Tests.Data;

/// <summary>Files of shared/data, in or beside a folder above the tests; tests that need them are skipped without.</summary>
internal static class SharedFiles
{
    /// <summary>The path of a file there. Skips the test where it is absent.</summary>
    internal static string PathOf(string file)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", file);
            if (File.Exists(path))
            {
                return path;
            }
        }
        Assert.Skip($"shared/data/{file} is not there");
        return "";
    }
}

namespace Tandem.Prediction.Store;

/// <summary>Where a user's profile lives.</summary>
public static class ProfilePath
{
    /// <summary>
    /// $TANDEM_PROFILE where it is set; else tandem/profile.db in the user's data folder: $XDG_DATA_HOME or
    /// ~/.local/share (XDG Base Directory Specification), on Windows the local application data.
    /// </summary>
    public static string Default => From(Environment.GetEnvironmentVariable, OperatingSystem.IsWindows());

    /// <summary>The path that an environment gives.</summary>
    internal static string From(Func<string, string?> environment, bool isWindows)
    {
        if (environment("TANDEM_PROFILE") is { Length: > 0 } chosen)
        {
            return Path.GetFullPath(chosen);
        }
        return Path.Combine(DataFolder(environment, isWindows), "tandem", "profile.db");
    }

    private static string DataFolder(Func<string, string?> environment, bool isWindows)
    {
        if (isWindows)
        {
            return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        }
        // The specification says to ignore a relative path.
        if (environment("XDG_DATA_HOME") is { Length: > 0 } data && Path.IsPathRooted(data))
        {
            return data;
        }
        string home = environment("HOME") is { Length: > 0 } value
            ? value
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(home, ".local", "share");
    }
}

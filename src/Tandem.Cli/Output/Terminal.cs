using Spectre.Console;

namespace Tandem.Cli.Output;

/// <summary>Makes tables readable where they go into a file or a pipe: no colour codes, no wrapping at 80 columns.</summary>
internal static class Terminal
{
    private const int WidthOfFiles = 200;

    public static void Configure()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = WidthOfFiles;
            AnsiConsole.Profile.Capabilities.Ansi = false;
        }
    }
}

namespace Tandem.Cli;

/// <summary>Ctrl-C as a cancellation token.</summary>
internal static class Interruption
{
    public static CancellationToken Token { get; set; }
}

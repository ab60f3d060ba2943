namespace Tandem.Cli.Output;

/// <summary>How far something is, on one line of a terminal that is erased in the end. Says nothing where nobody looks.</summary>
internal sealed class CountLine(bool isSilent) : IDisposable
{
    private const int LineWidth = 60;
    private const int Parts = 100;

    private readonly bool _isSilent = isSilent || Console.IsErrorRedirected;
    private bool _isAny;

    /// <summary>Tells.</summary>
    public void Report(string what, int done, int total)
    {
        // A line for each percent is enough.
        if (_isSilent || (done != total && done % Math.Max(1, total / Parts) != 0))
        {
            return;
        }
        _isAny = true;
        Console.Error.Write($"\r{what} {done}/{total}".PadRight(LineWidth));
    }

    /// <summary>Erases the line.</summary>
    public void Dispose()
    {
        if (_isAny)
        {
            Console.Error.Write("\r" + new string(' ', LineWidth) + "\r");
        }
    }
}

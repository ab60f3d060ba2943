namespace Tandem.Cli.Output;

/// <summary>How many images were scored, on one line of a terminal that disappears at the end.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="total">All images.</param>
internal sealed class ScoringProgressLine(TextWriter terminal, int total) : IProgress<int>
{
    private const int LineWidth = 60;

    private int _before;
    private int _last;

    /// <param name="value">Images of the current set that are done; where it falls, the next set has begun.</param>
    public void Report(int value)
    {
        if (value <= _last)
        {
            _before += _last;
        }
        _last = value;
        int done = _before + value;
        string line = done >= total ? "" : $"scoring images {done}/{total}";
        terminal.Write($"\r{line.PadRight(LineWidth)}{(done >= total ? "\r" : "")}");
    }
}

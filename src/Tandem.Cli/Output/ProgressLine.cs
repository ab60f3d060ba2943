using Tandem.Profiling;

namespace Tandem.Cli.Output;

/// <summary>A progress bar on one line of a terminal.</summary>
internal sealed class ProgressLine : IProgress<ProfilingProgress>
{
    private const int BarWidth = 30;
    private const int LineWidth = 100;

    private readonly TextWriter _terminal;

    public ProgressLine(TextWriter terminal) => _terminal = terminal;

    public void Report(ProfilingProgress value)
    {
        bool isDone = value.Done >= value.Total;
        int filled = value.Total == 0 ? BarWidth : BarWidth * value.Done / value.Total;
        string line = $"profiling [{new string('#', filled)}{new string('.', BarWidth - filled)}] {value.Done}/{value.Total} {value.Current}";
        line = line.Length > LineWidth ? line[..LineWidth] : line.PadRight(LineWidth);
        _terminal.Write(isDone ? "\r" + new string(' ', LineWidth) + "\r" : "\r" + line);
    }
}

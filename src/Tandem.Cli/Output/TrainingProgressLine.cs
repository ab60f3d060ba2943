using System.Diagnostics;
using System.Globalization;
using Tandem.Learning.Metrics;
using Tandem.Learning.Training;

namespace Tandem.Cli.Output;

/// <summary>Training as it goes on: a bar on one line of a terminal, and a line that stays for each epoch.</summary>
/// <param name="writer">Where to.</param>
/// <param name="isTerminal">Whether it can be written over; else there are only the lines of epochs.</param>
internal sealed class TrainingProgressLine(TextWriter writer, bool isTerminal)
{
    private const int BarWidth = 24;
    private const int LineWidth = 110;

    // Often enough to follow, and seldom enough that writing takes no time from training.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private long _shown;

    /// <summary>Shows a step.</summary>
    public void Show(TrainingStatus status)
    {
        if (!isTerminal || (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < Pause))
        {
            return;
        }
        _shown = Stopwatch.GetTimestamp();
        int filled = (int)(BarWidth * status.Steps / Math.Max(1, status.TotalSteps));
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {status.Epoch}/{status.Epochs} [{new string('#', filled)}{new string('.', BarWidth - filled)}] loss {status.Loss:0.0000}, "
            + $"accuracy {100 * status.Accuracy:0.0} %, {status.ImagesPerSecond:0} images/s, {Left(status.Remaining)}");
        writer.Write("\r" + (line.Length > LineWidth ? line[..LineWidth] : line.PadRight(LineWidth)));
    }

    /// <summary>Writes the line of an epoch.</summary>
    /// <param name="row">What the epoch has come to.</param>
    /// <param name="epochs">All epochs.</param>
    public void Show(MetricsRow row, int epochs)
    {
        Clear();
        string exits = row.Further.Count == 0 ? ""
            : $" (exits {string.Join(", ", row.Further.Select(accuracy => Percent(accuracy)))})";
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {row.Epoch:0}/{epochs}: loss {row.TrainingLoss:0.0000}, accuracy {Percent(row.TrainingAccuracy)} %; "
            + $"validation: loss {row.ValidationLoss:0.0000}, accuracy {Percent(row.ValidationAccuracy)} %{exits}; {row.ImagesPerSecond:0} images/s"));
    }

    /// <summary>Leaves the terminal's line empty.</summary>
    public void Clear()
    {
        if (isTerminal)
        {
            writer.Write("\r" + new string(' ', LineWidth) + "\r");
        }
    }

    private static string Percent(double? share) => (100 * share)?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-";

    private static string Left(TimeSpan? time) => time switch
    {
        null => "",
        { TotalHours: >= 1 } left => string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00} left"),
        { } left => string.Create(CultureInfo.InvariantCulture, $"{left.Minutes}:{left.Seconds:00} left"),
    };
}

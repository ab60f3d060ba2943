namespace Tandem.Cli.Reports;

/// <summary>Maps milliseconds to the horizontal axis of the timeline.</summary>
internal sealed class TimeAxis
{
    private const int MostTicks = 12;

    /// <summary>An axis from 0 to <paramref name="endMs"/>, drawn from <paramref name="left"/> on.</summary>
    public TimeAxis(double endMs, double left, double width)
    {
        EndMs = double.IsFinite(endMs) && endMs > 0 ? endMs : 1;
        Left = left;
        Width = width;
        StepMs = NiceStep(EndMs / MostTicks);
    }

    /// <summary>The last time on the axis, in milliseconds.</summary>
    public double EndMs { get; }

    /// <summary>Where time 0 is drawn.</summary>
    public double Left { get; }

    /// <summary>How long the axis is drawn.</summary>
    public double Width { get; }

    /// <summary>Milliseconds between two ticks: 1, 2 or 5 times a power of ten.</summary>
    public double StepMs { get; }

    /// <summary>The times of the ticks in milliseconds.</summary>
    public IEnumerable<double> Ticks
    {
        get
        {
            for (int i = 0; i * StepMs <= EndMs * (1 + 1e-9); i++)
            {
                yield return i * StepMs;
            }
        }
    }

    /// <summary>Where a time is drawn; a time off the axis is drawn at its end.</summary>
    public double X(double milliseconds) =>
        Left + (double.IsFinite(milliseconds) ? Math.Clamp(milliseconds / EndMs, 0, 1) * Width : 0);

    private static double NiceStep(double least)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return power * (least / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }
}

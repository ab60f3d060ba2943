using System.Globalization;

namespace Tandem.Cli.Reports;

/// <summary>An axis that covers a range of values, from a round number below to a round number above.</summary>
internal sealed class PlotAxis
{
    private readonly double _start;
    private readonly double _length;
    private readonly string _format;

    /// <summary>Plans an axis.</summary>
    /// <param name="values">What it is to cover; values that are not finite are passed over.</param>
    /// <param name="start">Where the least value is drawn.</param>
    /// <param name="length">How long the axis is drawn; negative for an axis that runs upwards.</param>
    /// <param name="mostTicks">About the most ticks.</param>
    /// <param name="isRounded">Whether the axis ends at ticks; else at the values.</param>
    public PlotAxis(IEnumerable<double> values, double start, double length, int mostTicks, bool isRounded)
    {
        (double least, double most) = Range(values);
        _start = start;
        _length = length;
        double step = RoundStep((most - least) / mostTicks);
        Least = isRounded ? Math.Floor((least / step) + 1e-9) * step : least;
        Most = isRounded ? Math.Ceiling((most / step) - 1e-9) * step : most;
        double greatest = Math.Max(Math.Abs(Least), Math.Abs(Most));
        bool hasExponent = greatest is >= 1e6 or < 1e-3;
        double decimals = (hasExponent ? Math.Floor(Math.Log10(greatest)) : 0) - Math.Floor(Math.Log10(step));
        _format = "0." + new string('#', (int)Math.Clamp(decimals, 0, 12)) + (hasExponent ? "e0" : "");
        Ticks = [.. TicksBetween(step)];
    }

    /// <summary>The least value of the axis.</summary>
    public double Least { get; }

    /// <summary>The greatest value of the axis.</summary>
    public double Most { get; }

    /// <summary>The values that are marked: multiples of 1, 2 or 5 times a power of ten.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>Where a value is drawn; what is off the axis is drawn at its end.</summary>
    public double At(double value) => _start + (_length * Math.Clamp((value - Least) / (Most - Least), 0, 1));

    /// <summary>A tick's text.</summary>
    public string Text(double tick) => tick == 0 ? "0" : tick.ToString(_format, CultureInfo.InvariantCulture);

    private static (double Least, double Most) Range(IEnumerable<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        if (finite.Length == 0)
        {
            return (0, 1);
        }
        (double least, double most) = (finite.Min(), finite.Max());
        // An axis needs a length, even where all values are equal.
        double margin = Math.Max(Math.Abs(least), Math.Abs(most)) * 1e-9;
        return most - least > margin ? (least, most) : (least - Math.Max(Math.Abs(least) / 2, 0.5), most + Math.Max(Math.Abs(most) / 2, 0.5));
    }

    private IEnumerable<double> TicksBetween(double step)
    {
        double first = Math.Ceiling((Least / step) - 1e-9);
        for (int i = 0; (first + i) * step <= Most + (step * 1e-9); i++)
        {
            yield return (first + i) * step;
        }
    }

    private static double RoundStep(double least)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return power * (least / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }
}

using System.Globalization;

namespace Tandem.Cli.Reports;

/// <summary>Numbers as the report prints them, the same in every culture.</summary>
internal static class NumberText
{
    /// <summary>Stands where a number is unknown or not finite.</summary>
    public const string Unknown = "–";

    /// <summary>A latency in milliseconds with about three digits, without its unit.</summary>
    public static string Milliseconds(double? value) => value is not { } v || !double.IsFinite(v)
        ? Unknown
        : Fixed(v, Math.Abs(v) switch { >= 100 => "0", >= 10 => "0.0", >= 1 => "0.00", 0 => "0", _ => "0.000" });

    /// <summary>A ratio such as "1.71".</summary>
    public static string Ratio(double? value) => Fixed(value, "0.00");

    /// <summary>A fraction as a percentage without decimals, such as "54 %".</summary>
    public static string Percent(double? fraction) =>
        fraction is { } f && double.IsFinite(f) ? Fixed(100 * f, "0") + " %" : Unknown;

    /// <summary>A change as a percentage with its sign, such as "+4 %".</summary>
    public static string SignedPercent(double? fraction) =>
        fraction is { } f && double.IsFinite(f) ? Fixed(100 * f, "+0;−0;0") + " %" : Unknown;

    /// <summary>A relative error such as "3.1e-6".</summary>
    public static string Error(double? value) => value is 0 ? "0" : Fixed(value, "0.0e-0");

    /// <summary>A count of multiply-accumulate operations such as "115.6 M".</summary>
    public static string Macs(long macs) => macs switch
    {
        >= 1_000_000_000 => Fixed(macs / 1e9, "0.00") + " G",
        >= 1_000_000 => Fixed(macs / 1e6, "0.0") + " M",
        >= 1_000 => Fixed(macs / 1e3, "0.0") + " k",
        _ => Integer(macs),
    };

    /// <summary>A whole number.</summary>
    public static string Integer(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A coordinate or length of a drawing; what is not finite becomes 0, so that one bad number breaks nothing.</summary>
    public static string Coordinate(double value) =>
        double.IsFinite(value) ? value.ToString("0.###", CultureInfo.InvariantCulture) : "0";

    private static string Fixed(double? value, string format) =>
        value is { } v && double.IsFinite(v) ? v.ToString(format, CultureInfo.InvariantCulture) : Unknown;
}

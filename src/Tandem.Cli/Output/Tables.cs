using System.Globalization;
using Spectre.Console;

namespace Tandem.Cli.Output;

/// <summary>Tables for people.</summary>
internal static class Tables
{
    /// <summary>A table with these column titles; the first column to the left, the others to the right where they hold numbers.</summary>
    public static Table New(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap());
        }
        return table;
    }

    /// <summary>Milliseconds with three digits that matter.</summary>
    public static string Ms(double ms) => ms switch
    {
        >= 100 => ms.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => ms.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => ms.ToString("0.00", CultureInfo.InvariantCulture),
        _ => ms.ToString("0.000", CultureInfo.InvariantCulture),
    };

    /// <summary>A ratio with two decimals.</summary>
    public static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>An error as a power of ten.</summary>
    public static string Error(double error) => error == 0 ? "0" : error.ToString("0.0e0", CultureInfo.InvariantCulture);
}

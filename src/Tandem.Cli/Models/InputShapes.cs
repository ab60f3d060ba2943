using System.Globalization;

namespace Tandem.Cli.Models;

/// <summary>Reads "NAME=1,3,224,224".</summary>
internal static class InputShapes
{
    public static IReadOnlyDictionary<string, IReadOnlyList<long>>? Parse(IReadOnlyList<string> options)
    {
        if (options.Count == 0)
        {
            return null;
        }
        Dictionary<string, IReadOnlyList<long>> shapes = [];
        foreach (string option in options)
        {
            // Names may hold '=' themselves; dimensions cannot.
            int equals = option.LastIndexOf('=');
            long[]? dimensions = equals > 0 ? Dimensions(option[(equals + 1)..]) : null;
            shapes[option[..Math.Max(0, equals)]] = dimensions
                ?? throw new TandemException($"--input-shape '{option}' is not of the form NAME=1,3,224,224");
        }
        return shapes;
    }

    private static long[]? Dimensions(string text)
    {
        string[] parts = text.Split(',');
        var dimensions = new long[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out dimensions[i]) || dimensions[i] == 0)
            {
                return null;
            }
        }
        return dimensions;
    }
}

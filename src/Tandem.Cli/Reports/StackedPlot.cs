namespace Tandem.Cli.Reports;

/// <summary>Draws how a whole is divided, a column for each case, with a legend and a title that screen readers tell.</summary>
/// <param name="title">What it shows.</param>
/// <param name="horizontal">What the cases are.</param>
/// <param name="parts">What the parts are called, from the lowest.</param>
/// <param name="columns">The cases' names and fractions, which add up to 1.</param>
/// <param name="id">The figure's identifier, unlike all others of the page.</param>
internal sealed class StackedPlot(
    string title, string horizontal, IReadOnlyList<string> parts, IReadOnlyList<(string Name, IReadOnlyList<double> Shares)> columns, string id)
{
    private const double Width = 640;
    private const double Height = 300;
    private const double Left = 64;
    private const double Right = 14;
    private const double Top = 12;
    private const double Bottom = 46;
    private const int Colours = 6;
    private const int NamedColumns = 11;

    public void WriteTo(MarkupWriter page)
    {
        page.Open("figure", ("id", id), ("class", "plot"));
        page.Element("figcaption", title);
        page.Open("p", ("class", "legend"));
        for (int i = 0; i < parts.Count; i++)
        {
            page.Open("span", ("class", "key"));
            page.Empty("i", ("class", StyleOf(i)));
            page.Text(parts[i]).Close();
        }
        page.Close();
        page.Open("svg", ("viewBox", $"0 0 {NumberText.Coordinate(Width)} {NumberText.Coordinate(Height)}"), ("role", "img"),
            ("aria-label", $"{title}: shares of {string.Join(", ", parts)} by {horizontal}"));
        WriteAxes(page);
        for (int i = 0; i < columns.Count; i++)
        {
            WriteColumn(page, i);
        }
        page.Close().Close();
    }

    private static double ColumnsWidth => Width - Left - Right;

    private void WriteAxes(MarkupWriter page)
    {
        double bottom = Height - Bottom;
        for (int percent = 0; percent <= 100; percent += 20)
        {
            double y = bottom - (percent / 100.0 * (bottom - Top));
            page.Line("grid", Left, y, Width - Right, y);
            page.Label("end-aligned tick", Left - 8, y + 4, NumberText.Integer(percent));
        }
        int every = Math.Max(1, (int)Math.Ceiling((double)columns.Count / NamedColumns));
        for (int i = 0; i < columns.Count; i += every)
        {
            page.Label("middle tick", Left + ((i + 0.5) * ColumnsWidth / columns.Count), bottom + 18, columns[i].Name);
        }
        page.Label("middle axis-name", (Left + Width - Right) / 2, Height - 8, horizontal);
        page.UprightLabel("middle axis-name", 14, (Top + bottom) / 2, "share, %");
    }

    private void WriteColumn(MarkupWriter page, int column)
    {
        (string name, IReadOnlyList<double> shares) = columns[column];
        double width = ColumnsWidth / columns.Count;
        double y = Height - Bottom;
        for (int part = 0; part < parts.Count; part++)
        {
            double height = shares[part] * (Height - Bottom - Top);
            y -= height;
            if (height > 0)
            {
                page.Open("g", ("data-part", NumberText.Integer(part)));
                page.Element("title", $"{horizontal} {name}: {parts[part]} {NumberText.Percent(shares[part])}");
                page.Rectangle($"share {StyleOf(part)}", Left + (column * width) + 1, y, width - 2, height).Close();
            }
        }
    }

    private static string StyleOf(int part) => $"p{NumberText.Integer(part % Colours)}{(part / Colours % 2 == 1 ? " pale" : "")}";
}

using System.Globalization;
using System.Text;
using Tandem.Learning.Metrics;

namespace Tandem.Cli.Reports;

/// <summary>
/// Draws curves: a legend, and a picture with axes, ticks and a title that screen readers tell. Curves differ in colour and in their dashes;
/// colours are those of the style sheet, so they suit light and dark pages and paper.
/// </summary>
internal sealed class CurvePlot
{
    /// <summary>Curves with more points are drawn by the least and greatest of as many stretches as can be told apart.</summary>
    internal const int Stretches = 400;

    private const double Width = 640;
    private const double Height = 300;
    private const double Left = 64;
    private const double Right = 14;
    private const double Top = 12;
    private const double Bottom = 46;
    private const int Styles = 6;
    private const int MostMarkedPoints = 30;

    private readonly CurveChart _chart;
    private readonly string _id;
    private readonly PlotAxis _horizontal;
    private readonly PlotAxis _vertical;

    /// <summary>Plans a plot.</summary>
    /// <param name="chart">What to draw.</param>
    /// <param name="id">The figure's identifier, unlike all others of the page.</param>
    public CurvePlot(CurveChart chart, string id)
    {
        _chart = chart;
        _id = id;
        CurvePoint[] points = [.. chart.Curves.SelectMany(c => c.Points).Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y))];
        _horizontal = new PlotAxis(points.Select(p => p.X), Left, Width - Left - Right, mostTicks: 10, isRounded: false);
        _vertical = new PlotAxis(points.Select(p => p.Y), Height - Bottom, Top + Bottom - Height, mostTicks: 6, isRounded: true);
    }

    public void WriteTo(MarkupWriter page)
    {
        page.Open("figure", ("id", _id), ("class", "plot"));
        page.Element("figcaption", _chart.Title);
        WriteLegend(page);
        page.Open("svg", ("viewBox", $"0 0 {NumberText.Coordinate(Width)} {NumberText.Coordinate(Height)}"), ("role", "img"),
            ("aria-labelledby", $"{_id}-title {_id}-summary"));
        page.Element("title", $"{_chart.Title}: {_chart.Vertical} against {_chart.Horizontal}", ("id", $"{_id}-title"));
        page.Element("desc", Summary(), ("id", $"{_id}-summary"));
        WriteAxes(page);
        for (int i = 0; i < _chart.Curves.Count; i++)
        {
            WriteCurve(page, _chart.Curves[i], i);
        }
        page.Close().Close();
    }

    private void WriteLegend(MarkupWriter page)
    {
        page.Open("p", ("class", "legend"));
        for (int i = 0; i < _chart.Curves.Count; i++)
        {
            page.Open("span", ("class", "key"));
            page.Open("svg", ("class", "sample"), ("viewBox", "0 0 28 8"), ("aria-hidden", "true"));
            page.Empty("path", ("class", StyleOf(i)), ("d", "M0 4L28 4"));
            page.Close();
            page.Text(_chart.Curves[i].Name).Close();
        }
        page.Close();
    }

    private void WriteAxes(MarkupWriter page)
    {
        double bottom = Height - Bottom;
        foreach (double tick in _vertical.Ticks)
        {
            double y = _vertical.At(tick);
            page.Line("grid", Left, y, Width - Right, y);
            page.Label("end-aligned tick", Left - 8, y + 4, _vertical.Text(tick));
        }
        foreach (double tick in _horizontal.Ticks)
        {
            double x = _horizontal.At(tick);
            page.Line("axis", x, bottom, x, bottom + 4);
            page.Label("middle tick", x, bottom + 18, _horizontal.Text(tick));
        }
        page.Line("axis", Left, bottom, Width - Right, bottom);
        page.Label("middle axis-name", (Left + Width - Right) / 2, Height - 8, _chart.Horizontal);
        page.UprightLabel("middle axis-name", 14, (Top + bottom) / 2, _chart.Vertical);
    }

    private void WriteCurve(MarkupWriter page, Curve curve, int index)
    {
        page.Open("g", ("data-curve", curve.Name));
        page.Empty("path", ("class", StyleOf(index)), ("d", PathOf(Thinned(curve.Points))));
        if (curve.Points.Count <= MostMarkedPoints)
        {
            foreach (CurvePoint point in curve.Points.Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)))
            {
                page.Open("circle", ("class", $"point {ColourOf(index)}"), ("cx", NumberText.Coordinate(_horizontal.At(point.X))),
                    ("cy", NumberText.Coordinate(_vertical.At(point.Y))), ("r", "2.5"));
                page.Element("title", $"{curve.Name}: {Number(point.Y)} at {_chart.Horizontal} {Number(point.X)}");
                page.Close();
            }
        }
        page.Close();
    }

    private string PathOf(IEnumerable<CurvePoint> points)
    {
        var path = new StringBuilder();
        bool isDrawing = false;
        foreach (CurvePoint point in points)
        {
            bool isFinite = double.IsFinite(point.X) && double.IsFinite(point.Y);
            if (isFinite)
            {
                path.Append(isDrawing ? 'L' : 'M').Append(NumberText.Coordinate(_horizontal.At(point.X)))
                    .Append(' ').Append(NumberText.Coordinate(_vertical.At(point.Y)));
            }
            isDrawing = isFinite;
        }
        return path.ToString();
    }

    /// <summary>Of many points, the least and the greatest of each stretch, so that no peak is lost.</summary>
    private static IEnumerable<CurvePoint> Thinned(IReadOnlyList<CurvePoint> points)
    {
        if (points.Count <= 2 * Stretches)
        {
            return points;
        }
        return Enumerable.Range(0, Stretches).SelectMany(stretch =>
        {
            int from = (int)((long)points.Count * stretch / Stretches);
            int to = (int)((long)points.Count * (stretch + 1) / Stretches);
            int[] range = [.. Enumerable.Range(from, to - from)];
            int[] finite = [.. range.Where(i => double.IsFinite(points[i].Y))];
            int[] ends = finite.Length > 0 ? [finite.MinBy(i => points[i].Y), finite.MaxBy(i => points[i].Y)] : [];
            // One point that is not finite is enough to interrupt the curve.
            return ends.Concat(range.Except(finite).Take(1)).Distinct().Order().Select(i => points[i]);
        });
    }

    private string Summary()
    {
        IEnumerable<string> ends = _chart.Curves.Where(c => c.Points.Count > 0).Select(c =>
            $"{c.Name} goes from {Number(c.Points[0].Y)} at {_chart.Horizontal} {Number(c.Points[0].X)} "
            + $"to {Number(c.Points[^1].Y)} at {_chart.Horizontal} {Number(c.Points[^1].X)}");
        return $"{string.Join("; ", ends)}.";
    }

    private static string Number(double value) =>
        double.IsFinite(value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : NumberText.Unknown;

    private static string StyleOf(int index) => $"curve {ColourOf(index)} dash{NumberText.Integer((index + (index / Styles)) % Styles)}";

    private static string ColourOf(int index) => $"p{NumberText.Integer(index % Styles)}";
}

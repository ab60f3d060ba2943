using System.Globalization;

namespace Tandem.Cli.Reports;

/// <summary>
/// All processors on one time axis: a panel for the prediction and, where the plan was run, one for the measurement below it.
/// </summary>
internal sealed class Timeline
{
    private const double Width = 1040;
    private const double Gutter = 76;
    private const double RightMargin = 14;
    private const double PanelGap = 14;
    private const double AxisHeight = 36;

    private readonly ReportModel _model;
    private readonly ProcessorPalette _palette;
    private readonly TimeAxis _axis;
    private readonly List<TimelinePanel> _panels = [];

    public Timeline(ReportModel model, ProcessorPalette palette)
    {
        _model = model;
        _palette = palette;
        double end = model.Lanes.SelectMany(l => l.Predicted.Concat(l.Measured ?? []))
            .Select(s => s.EndMs).Where(double.IsFinite).DefaultIfEmpty().Max();
        _axis = new TimeAxis(end, Gutter, Width - Gutter - RightMargin);
        if (model.Lanes.Any(l => l.Predicted.Count > 0))
        {
            _panels.Add(new TimelinePanel("predicted", [.. model.Lanes.Select(l => (l.Processor, l.Predicted))], _axis, palette));
        }
        if (model.Lanes.Any(l => l.Measured is { Count: > 0 }))
        {
            _panels.Add(new TimelinePanel("measured", [.. model.Lanes.Select(l => (l.Processor, l.Measured ?? []))], _axis, palette));
        }
    }

    public void WriteTo(MarkupWriter page)
    {
        page.Open("section", ("id", "timeline"));
        page.Element("h2", _panels.Count == 2 ? "Timeline: predicted against measured" : "Timeline");
        if (_panels.Count == 0)
        {
            page.Element("p", "This plan has no steps.", ("class", "caption")).Close();
            return;
        }
        WriteLegend(page);
        double height = _panels.Sum(p => p.Height + PanelGap) + AxisHeight;
        page.Open("svg", ("class", "linked"), ("viewBox", $"0 0 {Width} {NumberText.Coordinate(height)}"), ("role", "img"),
            ("aria-label", "The steps of each processor over time"));
        WriteHatch(page);
        WriteAxis(page, height - AxisHeight);
        double top = 0;
        foreach (TimelinePanel panel in _panels)
        {
            panel.WriteTo(page, top);
            top += panel.Height + PanelGap;
        }
        page.Close();
        page.Element("p", Caption(), ("class", "caption"));
        page.Close();
    }

    private void WriteLegend(MarkupWriter page)
    {
        page.Open("p", ("class", "legend"));
        foreach (ReportLane lane in _model.Lanes)
        {
            string description = lane.Description is { } d ? $": {d}" : "";
            ProcessorPalette.WriteKey(page, _palette.ClassOf(lane.Processor),
                lane.Processor + description + (lane.IsCpuBacked ? " (CPU-backed)" : ""));
        }
        if (_model.Lanes.SelectMany(l => l.Predicted.Concat(l.Measured ?? [])).Any(s => s.GatherMs > 0 || s.ScatterMs > 0))
        {
            ProcessorPalette.WriteKey(page, "gather", "gather");
            ProcessorPalette.WriteKey(page, "scatter", "scatter");
        }
        ProcessorPalette.WriteKey(page, "idle", "waiting");
        page.Close();
    }

    private static void WriteHatch(MarkupWriter page)
    {
        page.Open("defs").Open("pattern", ("id", "hatch"), ("width", "6"), ("height", "6"),
            ("patternUnits", "userSpaceOnUse"), ("patternTransform", "rotate(45)"));
        page.Rectangle("hatch-ground", 0, 0, 6, 6);
        page.Line("hatch-line", 0, 0, 0, 6);
        page.Close().Close();
    }

    private void WriteAxis(MarkupWriter page, double bottom)
    {
        foreach (double tick in _axis.Ticks)
        {
            double x = _axis.X(tick);
            page.Line("grid", x, 0, x, bottom + 4);
            page.Label("middle tick", x, bottom + 18, tick.ToString("0.######", CultureInfo.InvariantCulture));
        }
        page.Line("axis", _axis.Left, bottom, _axis.Left + _axis.Width, bottom);
        page.Label("small tick", 0, bottom + 18, "time, ms");
    }

    private string Caption()
    {
        string caption = "The bar at the right of a panel is the end of the inference.";
        if (_panels.Any(p => p.HandOvers.Count > 0 && p.DrawsHandOvers))
        {
            caption += " Lines: hand-overs between processors; the bold one is the last that a step waited for.";
        }
        foreach (TimelinePanel panel in _panels.Where(p => !p.DrawsHandOvers))
        {
            caption += $" {panel.HandOvers.Count} hand-overs ({panel.Title}) are too many to draw.";
        }
        return caption;
    }
}

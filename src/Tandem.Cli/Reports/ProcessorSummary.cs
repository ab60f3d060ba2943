namespace Tandem.Cli.Reports;

/// <summary>How each processor spends the inference: computing, sharing, waiting.</summary>
internal sealed class ProcessorSummary(ReportModel model, ProcessorPalette palette)
{
    private const double BarWidth = 300;
    private const double BarHeight = 22;

    public void WriteTo(MarkupWriter page)
    {
        if (model.Lanes.All(l => l.Predicted.Count == 0 && l.Measured is null or { Count: 0 }))
        {
            return;
        }
        page.Open("section", ("id", "processors"));
        page.Element("h2", "How busy the processors are");
        page.Open("div", ("class", "scroll")).Open("table");
        page.Open("thead").Open("tr");
        foreach (string name in (string[])["processor", "", "share of time"])
        {
            page.Element("th", name, ("scope", "col"));
        }
        foreach (string name in (string[])["steps", "busy ms", "busy", "of that sharing", "waiting"])
        {
            page.Element("th", name, ("scope", "col"), ("class", "number"));
        }
        page.Close().Close().Open("tbody");
        foreach (ReportLane lane in model.Lanes)
        {
            WriteRow(page, lane.Processor, "predicted", lane.Predicted, EndOf(l => l.Predicted));
            if (lane.Measured is not null)
            {
                WriteRow(page, lane.Processor, "measured", lane.Measured, EndOf(l => l.Measured ?? []));
            }
        }
        page.Close().Close().Close();
        page.Element("p", "Sharing (dark): gathering inputs and scattering outputs. "
            + "Waiting: time to the end of the inference in which no step ran.", ("class", "caption"));
        page.Close();
    }

    private void WriteRow(MarkupWriter page, string processor, string telling, IReadOnlyList<ReportStep> steps, double endMs)
    {
        double busyMs = steps.Sum(s => Sane(s.DurationMs));
        double sharingMs = steps.Sum(s => StepParts.Of(s).Sharing * Sane(s.DurationMs));
        double? busy = endMs > 0 ? Math.Min(1, busyMs / endMs) : null;
        double? sharing = busyMs > 0 && steps.Any(s => s.HasParts) ? sharingMs / busyMs : null;
        page.Open("tr", ("data-processor", processor));
        page.Open("th", ("scope", "row"));
        ProcessorPalette.WriteKey(page, palette.ClassOf(processor), processor);
        page.Close();
        page.Element("td", telling);
        page.Open("td", ("class", "bar"));
        WriteBar(page, processor, busy ?? 0, (busy ?? 0) * (sharing ?? 0));
        page.Close();
        page.Element("td", NumberText.Integer(steps.Count), ("class", "number"));
        page.Element("td", NumberText.Milliseconds(busyMs), ("class", "number"));
        page.Element("td", NumberText.Percent(busy), ("class", "number strong"));
        page.Element("td", NumberText.Percent(sharing), ("class", "number"));
        page.Element("td", NumberText.Percent(1 - busy), ("class", "number"));
        page.Close();
    }

    private void WriteBar(MarkupWriter page, string processor, double busy, double sharing)
    {
        page.Open("svg", ("viewBox", $"0 0 {BarWidth} {BarHeight}"), ("role", "img"),
            ("aria-label", $"{processor}: busy {NumberText.Percent(busy)}"));
        page.Rectangle("track", 0, 4, BarWidth, BarHeight - 8);
        page.Rectangle("share " + palette.ClassOf(processor), 0, 4, busy * BarWidth, BarHeight - 8);
        if (sharing > 0)
        {
            page.Rectangle("gather", (busy - sharing) * BarWidth, 4, sharing * BarWidth, BarHeight - 8);
        }
        page.Close();
    }

    private double EndOf(Func<ReportLane, IReadOnlyList<ReportStep>> steps) =>
        model.Lanes.SelectMany(steps).Select(s => s.EndMs).Where(double.IsFinite).DefaultIfEmpty().Max();

    private static double Sane(double milliseconds) => double.IsFinite(milliseconds) ? Math.Max(0, milliseconds) : 0;
}

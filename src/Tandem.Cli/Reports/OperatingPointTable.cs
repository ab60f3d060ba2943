using Tandem.Cli.Output;
using Tandem.Graphs.Exits;

namespace Tandem.Cli.Reports;

/// <summary>What thresholds do, a row for each; nothing where there are none.</summary>
/// <param name="summary">The network.</param>
/// <param name="points">The thresholds and what they do.</param>
/// <param name="title">The section's title.</param>
/// <param name="id">The section's identifier.</param>
internal sealed class OperatingPointTable(ProgressiveSummary summary, IReadOnlyList<OperatingPoint> points, string title, string id)
{
    private readonly IReadOnlyList<ProcessorCost> _processors = summary.Table?.Processors ?? [];

    public void WriteTo(MarkupWriter page)
    {
        if (points.Count == 0)
        {
            return;
        }
        page.Open("section", ("id", id)).Element("h2", title);
        page.Open("div", ("class", "scroll")).Open("table").Open("thead").Open("tr");
        page.Element("th", "threshold", ("scope", "col"));
        string[] columns =
        [
            "accuracy", "MACs of network", .. Enumerable.Range(1, summary.Exits.Count).Select(i => $"exit {i}"), .. _processors.SelectMany(Columns),
        ];
        foreach (string column in columns)
        {
            page.Element("th", column, ("scope", "col"), ("class", "number"));
        }
        page.Close().Close().Open("tbody");
        foreach (OperatingPoint point in points)
        {
            WriteRow(page, point);
        }
        page.Close().Close().Close();
        page.Element("p", "Marked: no other threshold of the table is both cheaper and as accurate.", ("class", "caption"));
        page.Close();
    }

    private void WriteRow(MarkupWriter page, OperatingPoint point)
    {
        bool isChosen = summary.Table!.Chosen.Thresholds.SequenceEqual(point.Thresholds);
        page.Open("tr", ("class", isChosen ? "chosen" : "point-row"));
        page.Open("th", ("scope", "row")).Text(ProgressiveSummary.Thresholds(point));
        if (summary.Front.Contains(point) || summary.PerExit.Contains(point))
        {
            page.Text(" *");
        }
        if (isChosen)
        {
            page.Element("span", "chosen", ("class", "badge"));
        }
        page.Close();
        string[] cells =
        [
            ProgressiveSummary.Percent(point.Accuracy),
            ProgressiveSummary.Percent(summary.RelativeMacs(point)),
            .. point.Shares.Select(ProgressiveSummary.Percent),
            .. _processors.SelectMany(cost => Costs(point, cost)),
        ];
        foreach (string cell in cells)
        {
            page.Element("td", cell, ("class", "number"));
        }
        page.Close();
    }

    private static IEnumerable<string> Columns(ProcessorCost cost) =>
        cost.Millijoules is null ? [$"{cost.Processor} ms"] : [$"{cost.Processor} ms", $"{cost.Processor} mJ"];

    private static IEnumerable<string> Costs(OperatingPoint point, ProcessorCost cost)
    {
        string ms = NumberText.Milliseconds(ProgressiveSummary.Milliseconds(point, cost));
        return cost.Millijoules is { } energy ? [ms, NumberText.Milliseconds(point.Expected(energy))] : [ms];
    }
}

using Tandem.Cli.Output;
using Tandem.Graphs.Exits;

namespace Tandem.Cli.Reports;

/// <summary>The exits of a network, a row for each.</summary>
/// <param name="summary">The network.</param>
internal sealed class ExitTable(ProgressiveSummary summary)
{
    private static readonly string[] Columns = ["MACs", "of network", "threshold", "temperature"];

    private static readonly string[] CalibratedColumns = ["accuracy alone", "calibration error", "untempered", "leave here"];

    public void WriteTo(MarkupWriter page)
    {
        page.Open("section", ("id", "exits")).Element("h2", "Exits");
        page.Open("div", ("class", "scroll")).Open("table").Open("thead").Open("tr");
        page.Element("th", "exit", ("scope", "col"));
        foreach (string column in summary.Table is null ? Columns : Columns.Concat(CalibratedColumns))
        {
            page.Element("th", column, ("scope", "col"), ("class", "number"));
        }
        page.Close().Close().Open("tbody");
        for (int i = 0; i < summary.Exits.Count; i++)
        {
            WriteRow(page, i);
        }
        page.Close().Close().Close().Close();
    }

    private void WriteRow(MarkupWriter page, int index)
    {
        Exit exit = summary.Exits[index];
        page.Open("tr").Element("th", $"{NumberText.Integer(index + 1)} {exit.Output}", ("scope", "row"));
        List<string> cells =
        [
            NumberText.Macs(exit.Macs),
            ProgressiveSummary.Percent(exit.Macs / Math.Max(1.0, summary.FullMacs)),
            index == summary.Exits.Count - 1 ? "last" : ProgressiveSummary.Threshold(exit.Threshold),
            NumberText.Ratio(exit.Temperature),
        ];
        if (summary.Table is { } table)
        {
            ExitQuality quality = table.Exits[index];
            cells.AddRange(
            [
                ProgressiveSummary.Percent(quality.Accuracy),
                ProgressiveSummary.Percent(quality.ErrorAfter),
                ProgressiveSummary.Percent(quality.ErrorBefore),
                ProgressiveSummary.Percent(table.Chosen.Shares[index]),
            ]);
        }
        foreach (string cell in cells)
        {
            page.Element("td", cell, ("class", "number"));
        }
        page.Close();
    }
}

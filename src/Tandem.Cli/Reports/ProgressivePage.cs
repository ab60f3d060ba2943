using Tandem.Cli.Commands.Progressive;
using Tandem.Cli.Output;
using Tandem.Graphs.Exits;
using Tandem.Learning.Metrics;

namespace Tandem.Cli.Reports;

/// <summary>A page about a network with exits: tables, accuracy against cost, who leaves where, and how far confidence can be trusted.</summary>
/// <param name="model">The network.</param>
internal sealed class ProgressivePage(ProgressiveModel model)
{
    private readonly ProgressiveSummary _summary = new(model);

    /// <summary>The page.</summary>
    public string Render() => HtmlReport.Render($"{_summary.Name}: exits", page =>
    {
        page.Open("header");
        page.Element("h1", $"{_summary.Name}: {NumberText.Integer(_summary.Exits.Count)} exits");
        if (_summary.Table is null)
        {
            page.Element("p", "Not calibrated: 'tandem progressive calibrate MODEL --data DATA' finds out what thresholds do.", ("class", "notice"));
        }
        foreach (string sentence in _summary.Sentences())
        {
            page.Element("p", sentence, ("class", "subtitle"));
        }
        page.Close();
        new ExitTable(_summary).WriteTo(page);
        if (_summary.Table is { } table)
        {
            page.Open("section", ("id", "plots")).Element("h2", "Accuracy and cost");
            new CurvePlot(AccuracyByCost(table), "accuracy-by-cost").WriteTo(page);
            new StackedPlot(
                "Where images leave", "threshold", [.. Enumerable.Range(1, _summary.Exits.Count).Select(i => $"exit {i}")],
                [.. table.Points.Select(point => (ProgressiveSummary.Thresholds(point), point.Shares))], "shares").WriteTo(page);
            new CurvePlot(Reliability(table), "reliability").WriteTo(page);
            page.Close();
            new OperatingPointTable(_summary, table.Points, "One threshold for all exits", "points").WriteTo(page);
            new OperatingPointTable(_summary, _summary.PerExit, "A threshold for each exit", "per-exit").WriteTo(page);
        }
    });

    private CurveChart AccuracyByCost(CalibrationTable table)
    {
        List<Curve> curves =
        [
            Curve("one threshold", table.Points.OrderBy(_summary.RelativeMacs)),
            Curve("Pareto front", _summary.Front),
            new Curve("exits alone", [.. _summary.Macs.Zip(table.Exits, (macs, exit) => At(macs / Math.Max(1, _summary.FullMacs), exit.Accuracy))]),
            Curve("chosen", [table.Chosen]),
        ];
        if (_summary.PerExit.Count > 0)
        {
            curves.Insert(2, Curve("a threshold for each exit", _summary.PerExit));
        }
        return new CurveChart(
            "Accuracy by expected cost", "multiply-accumulates, % of the network without exits", "accuracy, %", curves);
    }

    private Curve Curve(string name, IEnumerable<OperatingPoint> points) =>
        new(name, [.. points.Select(point => At(_summary.RelativeMacs(point), point.Accuracy))]);

    private static CurveChart Reliability(CalibrationTable table) => new(
        "Reliability: accuracy of images by confidence", "confidence, %", "accuracy, %",
        [
            new Curve("perfect", [At(0, 0), At(1, 1)]),
            .. table.Exits.Select((exit, i) => new Curve($"exit {i + 1}", [.. exit.Bins.Select(bin => At(bin.Confidence, bin.Accuracy))])),
        ]);

    private static CurvePoint At(double x, double y) => new(100 * x, 100 * y);
}

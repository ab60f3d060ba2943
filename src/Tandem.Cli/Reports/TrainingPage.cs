using System.Globalization;
using Tandem.Cli.Commands.Progressive;
using Tandem.Graphs.Exits;
using Tandem.Learning.Metrics;
using Tandem.Learning.Training;

namespace Tandem.Cli.Reports;

/// <summary>The report of a training run: what it reached, and the curves.</summary>
internal static class TrainingPage
{
    /// <summary>Writes the page.</summary>
    /// <exception cref="ReportException">The file cannot be written.</exception>
    public static void Save(TrainingOutcome outcome, MetricsTable metrics, string path) => HtmlReport.SavePage(Render(outcome, metrics), path);

    internal static string Render(TrainingOutcome outcome, MetricsTable metrics) =>
        HtmlReport.Render($"{outcome.Network.Name}: Tandem training report", page =>
        {
            OutputScore last = outcome.Exits[^1].Score;
            page.Element("h1", string.Create(
                CultureInfo.InvariantCulture, $"{outcome.Network.Name} classifies {100 * last.Accuracy:0.0} % of {outcome.Data.Validation.Count} images correctly"));
            page.Element("p", string.Create(
                CultureInfo.InvariantCulture,
                $"Trained on {outcome.Data.Training.Count} images of {outcome.Data.Training.Classes.Count} classes ({outcome.Data.Name}) for "
                + $"{outcome.Epochs} epochs, {outcome.Result.Seconds:0} s, at {outcome.Result.ImagesPerSecond:0} images/s"), ("class", "subtitle"));
            WriteExits(outcome, page);
            page.Open("section", ("id", "curves")).Element("h2", "Curves");
            int number = 0;
            foreach (CurveChart chart in TrainingCurves.Of(metrics))
            {
                new CurvePlot(chart, $"curve{NumberText.Integer(++number)}").WriteTo(page);
            }
            page.Close();
        });

    private static void WriteExits(TrainingOutcome outcome, MarkupWriter page)
    {
        page.Open("section", ("id", "exits")).Element("h2", outcome.Exits.Count > 1 ? "Exits" : "Result");
        page.Open("div", ("class", "scroll")).Open("table").Open("thead").Open("tr");
        page.Element("th", "exit");
        foreach (string column in new[] { "million MACs", "accuracy, %", "loss" })
        {
            page.Element("th", column, ("class", "number"));
        }
        page.Close().Close().Open("tbody");
        foreach ((Exit exit, OutputScore score) in outcome.Exits)
        {
            page.Open("tr").Element("th", exit.Output);
            page.Element("td", (exit.Macs / 1e6).ToString("0.00", CultureInfo.InvariantCulture), ("class", "number"));
            page.Element("td", (100 * score.Accuracy).ToString("0.00", CultureInfo.InvariantCulture), ("class", "number strong"));
            page.Element("td", score.Loss.ToString("0.0000", CultureInfo.InvariantCulture), ("class", "number"));
            page.Close();
        }
        page.Close().Close().Close().Close();
    }
}

namespace Tandem.Cli.Reports;

/// <summary>The policies side by side: numbers, and a bar for each on a common scale with the ideal as a line through all.</summary>
internal sealed class PolicyTable(ReportModel model)
{
    private const double BarWidth = 300;
    private const double BarHeight = 22;
    private const double MarkerWidth = 4;

    private static readonly Column[] AllColumns =
    [
        new("median ms", "number strong", p => p.MedianMs, NumberText.Milliseconds),
        new("p10", "number", p => p.P10Ms, NumberText.Milliseconds),
        new("p90", "number", p => p.P90Ms, NumberText.Milliseconds),
        new("predicted ms", "number", p => p.PredictedMs, NumberText.Milliseconds),
        new("speed-up", "number", p => p.Speedup, NumberText.Ratio),
        new("max. rel. error", "number", p => p.MaxRelativeError, NumberText.Error),
    ];

    private readonly double _longest = LongestOf(model);

    // A column that no policy has a value for is left out.
    private readonly Column[] _columns = [.. AllColumns.Where(c => model.Policies.Any(p => c.Value(p) is not null))];

    public void WriteTo(MarkupWriter page)
    {
        if (model.Policies.Count == 0)
        {
            return;
        }
        page.Open("section", ("id", "policies"));
        page.Element("h2", "Policies");
        page.Open("div", ("class", "scroll")).Open("table");
        WriteHeader(page);
        page.Open("tbody");
        foreach (ReportPolicy policy in model.Policies)
        {
            WriteRow(page, policy);
        }
        page.Close().Close().Close();
        page.Element("p", Caption(), ("class", "caption"));
        page.Close();
    }

    private void WriteHeader(MarkupWriter page)
    {
        page.Open("thead").Open("tr");
        page.Element("th", "policy", ("scope", "col"));
        page.Element("th", "latency", ("scope", "col"));
        foreach (Column column in _columns)
        {
            page.Element("th", column.Name, ("scope", "col"), ("class", column.CssClass));
        }
        page.Close().Close();
    }

    private void WriteRow(MarkupWriter page, ReportPolicy policy)
    {
        page.Open("tr", ("class", policy.IsChosen ? "policy chosen" : "policy"));
        page.Open("th", ("scope", "row")).Text(policy.Name);
        if (policy.IsChosen)
        {
            page.Element("span", "chosen", ("class", "badge"));
        }
        page.Close();
        page.Open("td", ("class", "bar"));
        WriteBar(page, policy);
        page.Close();
        foreach (Column column in _columns)
        {
            page.Element("td", column.Format(column.Value(policy)), ("class", column.CssClass));
        }
        page.Close();
    }

    private void WriteBar(MarkupWriter page, ReportPolicy policy)
    {
        page.Open("svg", ("viewBox", $"0 0 {BarWidth} {BarHeight}"), ("role", "img"),
            ("aria-label", $"{policy.Name}: {NumberText.Milliseconds(policy.LatencyMs)} ms"));
        if (policy.LatencyMs is { } latency)
        {
            page.Rectangle(policy.MedianMs is null ? "latency predicted" : "latency", 0, 4, X(latency), BarHeight - 8);
        }
        if (policy is { P10Ms: { } p10, P90Ms: { } p90 })
        {
            page.Line("whisker", X(p10), BarHeight / 2, X(p90), BarHeight / 2);
            page.Line("whisker", X(p10), 8, X(p10), BarHeight - 8);
            page.Line("whisker", X(p90), 8, X(p90), BarHeight - 8);
        }
        if (policy is { MedianMs: not null, PredictedMs: { } predicted })
        {
            double x = X(predicted);
            page.Empty("path", ("class", "prediction"), ("d", FormattableString.Invariant(
                $"M{x:0.##} {BarHeight - 6:0.##}l{MarkerWidth:0.##} 6h{-2 * MarkerWidth:0.##}z")));
        }
        if (model.IdealMs is { } ideal)
        {
            page.Line("ideal", X(ideal), 0, X(ideal), BarHeight);
        }
        page.Close();
    }

    private string Caption()
    {
        List<string> parts = [];
        if (model.Policies.Any(p => p.MedianMs is not null))
        {
            bool spread = model.Policies.Any(p => p is { P10Ms: not null, P90Ms: not null });
            parts.Add(spread ? "Bars: median latency, p10 to p90 as whiskers." : "Bars: median latency.");
        }
        if (model.Policies.Any(p => p is { MedianMs: null, PredictedMs: not null }))
        {
            parts.Add("Dashed bars: predicted, not measured.");
        }
        if (model.Policies.Any(p => p is { MedianMs: not null, PredictedMs: not null }))
        {
            parts.Add("Triangles: predicted latency.");
        }
        if (model.IdealMs is { } ideal)
        {
            parts.Add($"Dashed line: ideal sharing, {NumberText.Milliseconds(ideal)} ms.");
        }
        if (model.Policies.Any(p => p.Speedup is not null))
        {
            parts.Add("Speed-up: latency of the best plain plan divided by the policy's.");
        }
        return string.Join(' ', parts);
    }

    private double X(double milliseconds) =>
        double.IsFinite(milliseconds) ? Math.Clamp(milliseconds / _longest, 0, 1) * (BarWidth - 2 * MarkerWidth) : 0;

    private static double LongestOf(ReportModel model)
    {
        double longest = model.Policies
            .SelectMany(p => (double?[])[p.MedianMs, p.P90Ms, p.PredictedMs])
            .Append(model.IdealMs)
            .Max(v => v is { } ms && double.IsFinite(ms) ? ms : 0);
        return longest > 0 ? longest : 1;
    }

    private sealed record Column(
        string Name, string CssClass, Func<ReportPolicy, double?> Value, Func<double?, string> Format);
}

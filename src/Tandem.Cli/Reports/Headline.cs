namespace Tandem.Cli.Reports;

/// <summary>The top of the page: the result in one sentence, what it ran on, and the few numbers that matter.</summary>
internal sealed class Headline
{
    private readonly ReportModel _model;
    private readonly ReportPolicy? _chosen;
    private readonly double? _latency;
    private readonly bool _isMeasured;

    public Headline(ReportModel model)
    {
        _model = model;
        _chosen = model.Policies.FirstOrDefault(p => p.IsChosen);
        double? measuredEnd = EndOf(model.Lanes.SelectMany(l => l.Measured ?? []));
        _isMeasured = (_chosen?.MedianMs ?? (_chosen?.PredictedMs is null ? measuredEnd : null)) is not null;
        _latency = _chosen?.LatencyMs ?? measuredEnd ?? EndOf(model.Lanes.SelectMany(l => l.Predicted));
    }

    /// <summary>Such as "ResNet-50 in 41.2 ms on cpu + gpu: 1.71 times the best single processor".</summary>
    public string Sentence
    {
        get
        {
            string sentence = _model.NetworkName;
            if (_latency is not null)
            {
                sentence += $" in {(_isMeasured ? "" : "a predicted ")}{NumberText.Milliseconds(_latency)} ms";
            }
            // Spaces that do not break keep "cpu + gpu" in one line.
            string[] processors =
            [
                .. _model.Lanes.Where(l => l.Predicted.Count + (l.Measured?.Count ?? 0) > 0).Select(l => l.Processor),
            ];
            if (processors.Length > 0)
            {
                sentence += " on " + string.Join("\u00A0+\u00A0", processors);
            }
            return sentence + Comparison();
        }
    }

    public void WriteTo(MarkupWriter page)
    {
        page.Open("header");
        page.Element("h1", Sentence);
        foreach (string line in _model.Subtitle)
        {
            page.Element("p", line, ("class", "subtitle"));
        }
        foreach (ReportLane lane in _model.Lanes.Where(l => l.IsCpuBacked))
        {
            page.Open("p", ("class", "notice"));
            page.Element("strong", $"{lane.Processor} is CPU-backed.");
            page.Text(" Its OpenCL device is made of CPU cores (PoCL); no graphics processor took part.").Close();
        }
        WriteTiles(page);
        page.Close();
    }

    private string Comparison()
    {
        if (_chosen is null || _latency is not > 0)
        {
            return "";
        }
        if (_chosen.Kind != ReportPolicyKind.Cooperative)
        {
            return _model.Policies.Count > 1 ? $": the plain plan {_chosen.Name}" : "";
        }
        if (BestRival(ReportPolicyKind.SingleProcessor) is { } best)
        {
            return $": {NumberText.Ratio(Comparable(best) / _latency)} times the best single processor";
        }
        return _chosen.Speedup is { } speedup ? $": {NumberText.Ratio(speedup)} times the best plain plan" : "";
    }

    private void WriteTiles(MarkupWriter page)
    {
        List<(string Value, string Caption)> tiles = [];
        if (BestRival(ReportPolicyKind.SingleProcessor) is { } single)
        {
            tiles.Add((NumberText.Ratio(Comparable(single) / _latency) + " ×", $"the speed of {single.Name} alone"));
        }
        if (BestRival(ReportPolicyKind.AllCores) is { } all)
        {
            tiles.Add((NumberText.Ratio(Comparable(all) / _latency) + " ×", $"the speed of {all.Name}"));
        }
        if (_model.IdealMs is > 0 && _latency is > 0)
        {
            tiles.Add((NumberText.Percent(_model.IdealMs / _latency),
                $"of the ideal sharing ({NumberText.Milliseconds(_model.IdealMs)} ms)"));
        }
        if (_chosen is { MedianMs: > 0, PredictedMs: > 0 })
        {
            tiles.Add((NumberText.SignedPercent(_chosen.PredictedMs / _chosen.MedianMs - 1),
                $"prediction against measurement ({NumberText.Milliseconds(_chosen.PredictedMs)} ms predicted)"));
        }
        if (_chosen?.MaxRelativeError is { } error)
        {
            tiles.Add((NumberText.Error(error), "largest relative error of an output"));
        }
        if (tiles.Count == 0)
        {
            return;
        }
        page.Open("div", ("class", "tiles"));
        foreach ((string value, string caption) in tiles)
        {
            page.Open("div", ("class", "tile")).Element("strong", value).Element("span", caption).Close();
        }
        page.Close();
    }

    // A measured latency is compared with measured ones only, a predicted one with predicted ones.
    private double? Comparable(ReportPolicy policy) => _isMeasured ? policy.MedianMs : policy.PredictedMs;

    private ReportPolicy? BestRival(ReportPolicyKind kind) => _chosen is not null && _latency is > 0
        ? _model.Policies.Where(p => !p.IsChosen && p.Kind == kind && Comparable(p) is > 0).MinBy(Comparable)
        : null;

    private static double? EndOf(IEnumerable<ReportStep> steps)
    {
        double? end = null;
        foreach (ReportStep step in steps)
        {
            end = Math.Max(end ?? 0, step.EndMs);
        }
        return end;
    }
}

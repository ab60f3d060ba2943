namespace Tandem.Cli.Reports;

/// <summary>A dependency of a step on one that another processor runs.</summary>
/// <param name="FromLane">Lane of the step that is read.</param>
/// <param name="From">The step that is read.</param>
/// <param name="ToLane">Lane of the step that reads.</param>
/// <param name="To">The step that reads.</param>
/// <param name="IsLast">Whether it is the last of all that the reading step waits for.</param>
internal sealed record HandOver(int FromLane, ReportStep From, int ToLane, ReportStep To, bool IsLast);

/// <summary>The lanes of all processors for one telling of the story: predicted or measured.</summary>
internal sealed class TimelinePanel
{
    private const double TitleHeight = 22;
    private const double LaneHeight = 44;
    private const double LaneGap = 30;
    private const double CharacterWidth = 6.4;
    private const double LineHeight = 13;
    private const double BorderedWidth = 4;
    private const int MostHandOvers = 120;

    private readonly (string Processor, IReadOnlyList<ReportStep> Steps)[] _lanes;
    private readonly TimeAxis _axis;
    private readonly ProcessorPalette _palette;
    private readonly double _endMs;

    public TimelinePanel(
        string title, (string Processor, IReadOnlyList<ReportStep> Steps)[] lanes, TimeAxis axis, ProcessorPalette palette)
    {
        Title = title;
        _lanes = lanes;
        _axis = axis;
        _palette = palette;
        _endMs = lanes.SelectMany(l => l.Steps).Select(s => s.EndMs).Where(double.IsFinite).DefaultIfEmpty().Max();
        HandOvers = FindHandOvers(lanes);
    }

    /// <summary>"predicted" or "measured".</summary>
    public string Title { get; }

    /// <summary>Height of the drawing.</summary>
    public double Height => TitleHeight + _lanes.Length * (LaneHeight + LaneGap) - LaneGap;

    /// <summary>Where steps wait for another processor's.</summary>
    public IReadOnlyList<HandOver> HandOvers { get; }

    /// <summary>Whether the hand-overs are few enough to be told apart.</summary>
    public bool DrawsHandOvers => HandOvers.Count <= MostHandOvers;

    public void WriteTo(MarkupWriter page, double top)
    {
        page.Open("g", ("class", "panel"), ("data-panel", Title));
        page.Label("panel-title", _axis.Left, top + 14, $"{Title}: {NumberText.Milliseconds(_endMs)} ms");
        for (int lane = 0; lane < _lanes.Length; lane++)
        {
            WriteLane(page, lane, top);
        }
        if (DrawsHandOvers)
        {
            foreach (HandOver handOver in HandOvers)
            {
                WriteHandOver(page, handOver, top);
            }
        }
        double end = _axis.X(_endMs);
        page.Line("end", end, top + TitleHeight - 4, end, top + Height + 4);
        page.Close();
    }

    private void WriteLane(MarkupWriter page, int lane, double top)
    {
        (string processor, IReadOnlyList<ReportStep> steps) = _lanes[lane];
        double y = TopOf(lane, top);
        page.Label("lane-name", 0, y + LaneHeight / 2 + 4, processor);
        page.Open("g", ("class", "lane"), ("data-processor", processor));
        page.Rectangle("idle", _axis.Left, y, _axis.X(_endMs) - _axis.Left, LaneHeight);
        foreach (ReportStep step in steps)
        {
            WriteStep(page, processor, step, y);
        }
        page.Close();
    }

    private void WriteStep(MarkupWriter page, string processor, ReportStep step, double y)
    {
        double left = _axis.X(step.StartMs), width = _axis.X(step.EndMs) - left;
        string colour = _palette.ClassOf(processor);
        page.Open("g", ("class", "step " + colour), ("data-steps", NumberText.Integer(step.Id)));
        page.Element("title", Describe(processor, step));
        // A border would hide a step that is hardly wider than it.
        page.Rectangle(width < BorderedWidth ? "span thin" : "span", left, y, width, LaneHeight);
        var parts = StepParts.Of(step);
        if (parts.Gather > 0)
        {
            page.Rectangle("gather", left, y, parts.Gather * width, LaneHeight);
        }
        if (parts.Scatter > 0)
        {
            double begin = (parts.Gather + parts.Compute) * width;
            page.Rectangle("scatter", left + begin, y, parts.Scatter * width, LaneHeight);
        }
        if (parts.Other > 0)
        {
            page.Rectangle("other", left + (1 - parts.Other) * width, y, parts.Other * width, LaneHeight);
        }
        WriteLabel(page, step.Label, colour, left, width, y);
        page.Close();
    }

    // The whole label where it fits, else what stands before the first space (the kernels), across or upwards.
    private static void WriteLabel(MarkupWriter page, string label, string colour, double left, double width, double y)
    {
        string kernels = label.Split(' ')[0];
        double x = left + width / 2, middle = y + LaneHeight / 2;
        if (FitsInto(label, width) || FitsInto(kernels, width))
        {
            page.Label($"middle small on {colour}", x, middle + 4, FitsInto(label, width) ? label : kernels);
        }
        else if (FitsInto(kernels, LaneHeight) && width >= LineHeight)
        {
            page.UprightLabel($"middle small on {colour}", x + 4, middle, kernels);
        }
    }

    private static bool FitsInto(string text, double length) => text.Length > 0 && text.Length * CharacterWidth + 4 <= length;

    private void WriteHandOver(MarkupWriter page, HandOver handOver, double top)
    {
        bool down = handOver.ToLane > handOver.FromLane;
        double x1 = _axis.X(handOver.From.EndMs), y1 = TopOf(handOver.FromLane, top) + (down ? LaneHeight : 0);
        double x2 = _axis.X(handOver.To.StartMs), y2 = TopOf(handOver.ToLane, top) + (down ? 0 : LaneHeight);
        double middle = (y1 + y2) / 2;
        page.Empty("path", ("class", handOver.IsLast ? "hand-over last" : "hand-over"), ("d", FormattableString.Invariant(
            $"M{x1:0.##} {y1:0.##}C{x1:0.##} {middle:0.##} {x2:0.##} {middle:0.##} {x2:0.##} {y2:0.##}")));
    }

    private string Describe(string processor, ReportStep step)
    {
        string text = $"step {step.Id} on {processor}, {Title}\n{step.Label}\n{NumberText.Milliseconds(step.StartMs)} to "
            + $"{NumberText.Milliseconds(step.EndMs)} ms: {NumberText.Milliseconds(step.DurationMs)} ms";
        if (step.HasParts)
        {
            text += $"\ngather {NumberText.Milliseconds(step.GatherMs)}, compute {NumberText.Milliseconds(step.ComputeMs)}, "
                + $"scatter {NumberText.Milliseconds(step.ScatterMs)} ms";
        }
        return step.DependsOn.Count == 0 ? text : $"{text}\nafter steps {string.Join(", ", step.DependsOn)}";
    }

    private static double TopOf(int lane, double top) => top + TitleHeight + lane * (LaneHeight + LaneGap);

    private static List<HandOver> FindHandOvers((string Processor, IReadOnlyList<ReportStep> Steps)[] lanes)
    {
        var byId = new Dictionary<int, (int Lane, ReportStep Step)>();
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            foreach (ReportStep step in lanes[lane].Steps)
            {
                byId[step.Id] = (lane, step);
            }
        }
        List<HandOver> found = [];
        foreach ((int lane, ReportStep step) in byId.Values)
        {
            (int Lane, ReportStep Step)[] read = [.. step.DependsOn.Where(byId.ContainsKey).Select(id => byId[id])];
            double last = read.Select(r => r.Step.EndMs).DefaultIfEmpty().Max();
            found.AddRange(read.Where(r => r.Lane != lane)
                .Select(r => new HandOver(r.Lane, r.Step, lane, step, r.Step.EndMs >= last)));
        }
        return found;
    }
}

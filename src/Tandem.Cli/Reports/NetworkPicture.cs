namespace Tandem.Cli.Reports;

/// <summary>
/// The network as rows of blocks, one for each kernel, filled from top to bottom by the processors' shares; kernels that
/// processors run as one segment stand together over a bracket.
/// </summary>
internal sealed class NetworkPicture
{
    private const double Width = 1040;
    private const double BlockHeight = 64;
    private const double BracketHeight = 22;
    private const double RowGap = 12;
    private const double CharacterWidth = 6.4;
    private const double LineHeight = 14;

    private readonly ReportModel _model;
    private readonly ProcessorPalette _palette;
    private readonly NetworkSegments _segments;
    private readonly NetworkLayout _layout;

    public NetworkPicture(ReportModel model, ProcessorPalette palette)
    {
        _model = model;
        _palette = palette;
        _segments = new NetworkSegments(model);
        _layout = new NetworkLayout(model.Kernels, _segments.All, Width);
    }

    public void WriteTo(MarkupWriter page)
    {
        page.Open("section", ("id", "network"));
        page.Element("h2", "Where each kernel runs");
        if (_model.Kernels.Count == 0)
        {
            page.Element("p", "This network has no kernels.", ("class", "caption")).Close();
            return;
        }
        WriteLegend(page);
        double height = _layout.Rows * (BlockHeight + BracketHeight + RowGap) - RowGap;
        page.Open("svg", ("class", "linked"), ("viewBox", $"0 0 {Width} {NumberText.Coordinate(height)}"), ("role", "img"),
            ("aria-label", $"{_model.Kernels.Count} kernels and the processors that run them"));
        for (int i = 0; i < _model.Kernels.Count; i++)
        {
            WriteKernel(page, i);
        }
        foreach (NetworkSegment segment in _segments.All)
        {
            WriteBrackets(page, segment);
        }
        page.Close();
        long macs = _model.Kernels.Sum(k => Math.Max(0, k.Macs));
        page.Element("p", $"{_model.Kernels.Count} kernels in {_segments.All.Count} segments, "
            + $"{NumberText.Macs(macs)} multiply-accumulates (MACs). "
            + "Block width: MACs, with a minimum for kernels that have few. Fill: each processor's share of the kernel's output. "
            + "Brackets: kernels run back to back, with nothing shared in between.", ("class", "caption"));
        page.Close();
    }

    private void WriteLegend(MarkupWriter page)
    {
        page.Open("p", ("class", "legend"));
        foreach (string processor in _palette.Processors)
        {
            double all = _model.Kernels.Sum(k => (double)Math.Max(0, k.Macs));
            double own = _model.Kernels.Sum(k =>
                Math.Max(0, k.Macs) * k.Shares.Where(s => s.Processor == processor).Sum(s => Sane(s.Fraction)));
            string text = all > 0 ? $"{processor}: {NumberText.Percent(own / all)} of the MACs" : processor;
            ProcessorPalette.WriteKey(page, _palette.ClassOf(processor), text);
        }
        page.Close();
    }

    private void WriteKernel(MarkupWriter page, int position)
    {
        ReportKernel kernel = _model.Kernels[position];
        KernelBlock block = _layout.Blocks[position];
        double top = TopOf(block.Row);
        page.Open("g", ("class", "kernel"), ("data-kernel", NumberText.Integer(kernel.Index)),
            ("data-steps", string.Join(' ', _segments.StepsOf(position))));
        page.Element("title", Describe(kernel));
        page.Rectangle("unassigned", block.X, top, block.Width, BlockHeight);
        double total = Math.Max(1, kernel.Shares.Sum(s => Sane(s.Fraction)));
        double y = top, tallest = 0, labelY = 0;
        string labelClass = "";
        foreach (ReportShare share in kernel.Shares.OrderBy(s => _palette.OrderOf(s.Processor)))
        {
            double height = Sane(share.Fraction) / total * BlockHeight;
            string colour = _palette.ClassOf(share.Processor);
            page.Rectangle($"share {colour}", block.X, y, block.Width, height);
            if (height > tallest)
            {
                (tallest, labelY, labelClass) = (height, y + height / 2 + 4, "on " + colour);
            }
            y += height;
        }
        string? text = new[] { kernel.Type, kernel.Type.Split('+')[0] }
            .FirstOrDefault(t => t.Length > 0 && t.Length * CharacterWidth + 4 <= block.Width);
        if (text is not null && tallest >= LineHeight)
        {
            page.Label($"middle small {labelClass}", block.X + block.Width / 2, labelY, text);
        }
        page.Close();
    }

    // A segment that continues in the next row has a bracket in each.
    private void WriteBrackets(MarkupWriter page, NetworkSegment segment)
    {
        foreach (IGrouping<int, int> row in Enumerable.Range(segment.Begin, segment.Count).GroupBy(i => _layout.Blocks[i].Row))
        {
            KernelBlock first = _layout.Blocks[row.First()];
            KernelBlock last = _layout.Blocks[row.Last()];
            double left = first.X, right = last.X + last.Width, y = TopOf(row.Key) + BlockHeight + 3;
            page.Empty("path", ("class", "bracket"), ("d", FormattableString.Invariant(
                $"M{left + 0.5:0.##} {y:0.##}v4H{right - 0.5:0.##}v-4")));
            string range = KernelRanges.Format([_model.Kernels[row.First()].Index, .. row.Skip(1).Select(i => _model.Kernels[i].Index)]);
            string shares = string.Join(" / ", _model.Kernels[segment.Begin].Shares
                .OrderBy(s => _palette.OrderOf(s.Processor)).Select(s => NumberText.Percent(s.Fraction)));
            string? text = new[] { $"{range}: {shares}", range }
                .FirstOrDefault(t => t.Length * CharacterWidth <= right - left + NetworkLayout.SegmentGap);
            if (text is not null)
            {
                page.Label("middle small range", (left + right) / 2, y + 16, text);
            }
        }
    }

    private static string Describe(ReportKernel kernel)
    {
        string shares = kernel.Shares.Count == 0
            ? "in place"
            : string.Join(", ", kernel.Shares.Select(s => $"{s.Processor} {NumberText.Percent(s.Fraction)}"));
        string shape = kernel.OutputShape.Length == 0 ? "" : $" → {kernel.OutputShape}";
        return $"{kernel.Index}  {kernel.Name}\n{kernel.Type}{shape}\n{NumberText.Macs(kernel.Macs)} MACs\n{shares}";
    }

    private static double TopOf(int row) => row * (BlockHeight + BracketHeight + RowGap);

    private static double Sane(double fraction) => double.IsFinite(fraction) ? Math.Clamp(fraction, 0, 1) : 0;
}

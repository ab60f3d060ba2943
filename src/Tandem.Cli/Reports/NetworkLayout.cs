namespace Tandem.Cli.Reports;

/// <summary>Where a kernel's block lies: its row from the top, left edge and width.</summary>
internal readonly record struct KernelBlock(int Row, double X, double Width);

/// <summary>
/// Lays kernels out as blocks in as few rows as stay legible. A block is as wide as its multiply-accumulates, on one scale for
/// the whole network, but never narrower than a minimum: kernels without any still take time.
/// </summary>
internal sealed class NetworkLayout
{
    /// <summary>Space between two segments.</summary>
    public const double SegmentGap = 4;

    /// <summary>Space between two kernels of a segment.</summary>
    public const double KernelGap = 0.75;

    private const double LeastWidth = 2;
    private const double WidestMinimum = 14;

    private readonly double _rowWidth;
    private readonly double[] _weights;
    private readonly IReadOnlyList<NetworkSegment> _segments;
    private readonly double _minimum;

    public NetworkLayout(IReadOnlyList<ReportKernel> kernels, IReadOnlyList<NetworkSegment> segments, double rowWidth)
    {
        _rowWidth = rowWidth;
        _segments = segments;
        double heaviest = kernels.Select(k => (double)Math.Max(0, k.Macs)).DefaultIfEmpty().Max();
        _weights = [.. kernels.Select(k => heaviest > 0 ? Math.Max(0, k.Macs) / heaviest : 1)];
        int rows = RowsFor(kernels.Count);
        double gaps = (segments.Count * SegmentGap + kernels.Count * KernelGap) / rows;
        double free = Math.Max(0, rowWidth - gaps) * rows;
        _minimum = Math.Clamp(free / (3.0 * Math.Max(1, kernels.Count)), LeastWidth, WidestMinimum);
        Blocks = Fit(rows);
        Rows = Blocks.Count == 0 ? 0 : Blocks[^1].Row + 1;
    }

    /// <summary>One block for each kernel, in the network's order.</summary>
    public IReadOnlyList<KernelBlock> Blocks { get; }

    /// <summary>How many rows the blocks take.</summary>
    public int Rows { get; }

    private static int RowsFor(int kernels) => kernels switch
    {
        <= 24 => 1,
        <= 60 => 2,
        <= 140 => 3,
        <= 260 => 4,
        _ => 6,
    };

    // The widest scale at which the blocks still fit into the rows, by bisection; the rows end ragged.
    private KernelBlock[] Fit(int rows)
    {
        double low = 0, high = _rowWidth;
        KernelBlock[] best = Place(low);
        for (int i = 0; i < 40; i++)
        {
            double middle = (low + high) / 2;
            KernelBlock[] placed = Place(middle);
            if (placed.Length == 0 || placed[^1].Row < rows)
            {
                (low, best) = (middle, placed);
            }
            else
            {
                high = middle;
            }
        }
        return best;
    }

    private KernelBlock[] Place(double scale)
    {
        var blocks = new KernelBlock[_weights.Length];
        int row = 0;
        double x = 0;
        foreach (NetworkSegment segment in _segments)
        {
            // A short segment stays in one row; a long one may break anywhere.
            double whole = Enumerable.Range(segment.Begin, segment.Count).Sum(i => WidthOf(i, scale) + KernelGap) - KernelGap;
            if (x > 0 && x + whole > _rowWidth && whole < _rowWidth / 4)
            {
                (row, x) = (row + 1, 0);
            }
            for (int i = segment.Begin; i < segment.End; i++)
            {
                double width = WidthOf(i, scale);
                if (x > 0 && x + width > _rowWidth)
                {
                    (row, x) = (row + 1, 0);
                }
                blocks[i] = new KernelBlock(row, x, width);
                x += width + (i + 1 < segment.End ? KernelGap : SegmentGap);
            }
        }
        return blocks;
    }

    private double WidthOf(int position, double scale) => Math.Max(_minimum, _weights[position] * scale);
}

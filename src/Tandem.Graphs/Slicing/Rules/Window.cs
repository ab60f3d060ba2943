using Tandem.Graphs.Inference;

namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// The sliding window of a convolution or pooling along its rows, with automatic padding resolved to numbers.
/// </summary>
internal sealed class Window
{
    private readonly long _extent;
    private readonly long _stride;
    private readonly long _padEnd;
    private readonly long _inputRows;
    private readonly long _outputRows;
    private readonly bool _countsPadding;
    private readonly int _rowPlace;

    /// <summary>Reads the window of an operator whose first input has rank 4 or more.</summary>
    /// <exception cref="InvalidModelException">The operator's attributes contradict each other.</exception>
    public Window(OperatorSite site)
    {
        SlidingWindow window = SlidingWindow.Of(site.Operator, site.Graph);
        _rowPlace = window.Kernel.Count - 2;
        Pads = [.. window.PadsBegin, .. window.PadsEnd];
        _extent = window.Reach(_rowPlace);
        _stride = window.Strides[_rowPlace];
        _padEnd = window.PadsEnd[_rowPlace];
        _countsPadding = window.CeilMode && site.Operator.GetInt("count_include_pad", 0) != 0;
        _inputRows = site.InputShape(0)[_rowPlace + 2];
        _outputRows = site.OutputShape[_rowPlace + 2];
    }

    /// <summary>The pads of the whole operator: all begins, then all ends.</summary>
    public long[] Pads { get; }

    private long PadBegin => Pads[_rowPlace];

    /// <summary>
    /// Finds what rows [from, to) of the output need. Rows whose window lies in padding altogether are made together
    /// with the nearest row that reads something, so that a slice never reads nothing.
    /// </summary>
    /// <returns>False where every window lies in padding.</returns>
    public bool TryCut(long from, long to, out WindowCut cut)
    {
        cut = default;
        long firstReading = Math.Max(0, Ranges.CeilDivide(1 + PadBegin - _extent, _stride));
        long lastReading = Math.Min(_outputRows - 1, Ranges.FloorDivide(_inputRows - 1 + PadBegin, _stride));
        if (firstReading > lastReading)
        {
            return false;
        }
        to = Math.Max(to, firstReading + 1);
        from = Math.Min(from, lastReading);
        long start = (from * _stride) - PadBegin;
        long end = ((to - 1) * _stride) - PadBegin + _extent;
        long first = Math.Max(0, start);
        long last = Math.Min(_inputRows, end);
        long padEnd = Math.Max(0, end - _inputRows);
        if (_countsPadding && padEnd > _padEnd)
        {
            // The last window hangs over the padded input. What hangs over is not padding and not counted, so it must
            // hang over in the slice too, below a first window that fits.
            from = Math.Min(from, Ranges.FloorDivide(_inputRows + _padEnd + PadBegin - _extent, _stride));
            start = (from * _stride) - PadBegin;
            first = Math.Max(0, start);
            padEnd = _padEnd;
        }
        long[] pads = (long[])Pads.Clone();
        pads[_rowPlace] = first - start;
        pads[(pads.Length / 2) + _rowPlace] = padEnd;
        cut = new WindowCut(from, to, first, last, pads);
        return true;
    }
}

/// <summary>
/// Output rows [From, To) of a windowed operator, the input rows [First, Last) they need, and the slice's pads.
/// </summary>
internal readonly record struct WindowCut(long From, long To, long First, long Last, long[] Pads)
{
    /// <summary>The rewritten operator; its inputs other than the first are read whole.</summary>
    public OperatorCut Apply(OperatorSite site)
    {
        Operator op = site.WithAttributes(("pads", new AttributeValue.Ints(Pads)), ("auto_pad", null));
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, Ranges.RowAxis(site.InputShape(0)), First, Last);
        return OperatorCut.Of(op, inputs, site.OutputRange(Ranges.RowAxis(site.OutputShape), From, To));
    }
}

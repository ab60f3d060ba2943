namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// The sliding window of a convolution or pooling along its rows, with auto_pad resolved to explicit pads as ONNX's Conv
/// and MaxPool define it.
/// </summary>
internal sealed class Window
{
    private readonly long _extent;
    private readonly long _stride;
    private readonly long _padEnd;
    private readonly long _inputRows;
    private readonly long _outputRows;
    private readonly bool _ceil;
    private readonly int _rowPlace;

    /// <summary>Reads the window of an operator.</summary>
    /// <param name="site">The operator; its first input has rank 4 or more.</param>
    /// <param name="kernel">The kernel's extent on each spatial axis.</param>
    public Window(OperatorSite site, IReadOnlyList<long> kernel)
    {
        Shape input = site.InputShape(0);
        Shape output = site.OutputShape;
        int spatial = kernel.Count;
        _rowPlace = spatial - 2;
        IReadOnlyList<long> strides = site.Operator.GetInts("strides") ?? Ones(spatial);
        IReadOnlyList<long> dilations = site.Operator.GetInts("dilations") ?? Ones(spatial);
        string autoPad = site.Operator.GetText("auto_pad", "NOTSET");
        Pads = ResolvePads(site, kernel, strides, dilations, autoPad);
        _ceil = autoPad == "NOTSET" && site.Operator.GetInt("ceil_mode", 0) != 0;
        _extent = ((kernel[_rowPlace] - 1) * dilations[_rowPlace]) + 1;
        _stride = strides[_rowPlace];
        _padEnd = Pads[spatial + _rowPlace];
        _inputRows = input[Ranges.RowAxis(input)];
        _outputRows = output[Ranges.RowAxis(output)];
    }

    /// <summary>The pads of the whole operator: all begins, then all ends.</summary>
    public long[] Pads { get; }

    private long PadBegin => Pads[_rowPlace];

    /// <summary>
    /// Finds what rows [from, to) of the output need. Rows whose window lies in padding altogether are made together with
    /// the nearest row that reads something, so that a slice never reads nothing.
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
        if (_ceil && to == _outputRows && padEnd > _padEnd)
        {
            // The last window hangs over the padded input: keep that as it is, for what hangs over is not averaged.
            last = _inputRows;
            padEnd = _padEnd;
        }
        long[] pads = (long[])Pads.Clone();
        pads[_rowPlace] = first - start;
        pads[(pads.Length / 2) + _rowPlace] = padEnd;
        cut = new WindowCut(from, to, first, last, pads);
        return true;
    }

    private static long[] Ones(int count)
    {
        long[] ones = new long[count];
        Array.Fill(ones, 1);
        return ones;
    }

    private static long[] ResolvePads(
        OperatorSite site, IReadOnlyList<long> kernel, IReadOnlyList<long> strides, IReadOnlyList<long> dilations, string autoPad)
    {
        int spatial = kernel.Count;
        long[] pads = new long[2 * spatial];
        if (autoPad == "NOTSET")
        {
            return site.Operator.GetInts("pads")?.ToArray() ?? pads;
        }
        for (int i = 0; i < spatial && autoPad != "VALID"; i++)
        {
            long extent = ((kernel[i] - 1) * dilations[i]) + 1;
            long total = Math.Max(0, ((site.OutputShape[i + 2] - 1) * strides[i]) + extent - site.InputShape(0)[i + 2]);
            pads[i] = autoPad == "SAME_LOWER" ? total - (total / 2) : total / 2;
            pads[spatial + i] = total - pads[i];
        }
        return pads;
    }
}

/// <summary>Output rows [From, To) of a windowed operator, the input rows [First, Last) they need, and the slice's pads.</summary>
internal readonly record struct WindowCut(long From, long To, long First, long Last, long[] Pads)
{
    /// <summary>The rewritten operator; its inputs other than the first are read whole.</summary>
    public OperatorCut Apply(OperatorSite site)
    {
        bool automatic = site.Operator.GetText("auto_pad", "NOTSET") != "NOTSET";
        Operator op = site.WithAttributes(
            ("pads", new AttributeValue.Ints(Pads)),
            ("auto_pad", null),
            ("ceil_mode", automatic ? null : site.Operator.Attributes.GetValueOrDefault("ceil_mode")));
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, Ranges.RowAxis(site.InputShape(0)), First, Last);
        return OperatorCut.Of(op, inputs, site.OutputRange(Ranges.RowAxis(site.OutputShape), From, To));
    }
}

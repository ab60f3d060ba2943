namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// Pad with constant, edge or reflected values. A row slice keeps the padding at the tensor's own borders and none
/// between slices; a reflected border needs the rows that it mirrors.
/// </summary>
internal sealed class PadRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Pad"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        if (Refusal(site) is { } refusal)
        {
            return OperatorCut.Refused(refusal);
        }
        long[] pads = Pads(site)!;
        int axis = Ranges.RowAxis(site.OutputShape);
        long top = pads[axis];
        long rows = site.InputShape(0)[axis];
        to = Math.Max(to, Math.Min(top + 1, site.OutputShape[axis]));
        from = Math.Min(from, Math.Max(0, top + rows - 1));
        long padTop = Math.Max(0, top - from);
        long padBottom = Math.Max(0, to - top - rows);
        long first = padTop > 0 ? 0 : from - top;
        long last = padBottom > 0 ? rows : to - top;
        if (site.Operator.GetText("mode", "constant") == "reflect")
        {
            last = padTop > 0 ? Math.Max(last, padTop + 1) : last;
            first = padBottom > 0 ? Math.Min(first, rows - 1 - padBottom) : first;
        }
        if (first < 0 || last > rows || first >= last)
        {
            return OperatorCut.Refused("its padding is larger than its input");
        }
        (pads[axis], pads[site.OutputShape.Rank + axis]) = (padTop, padBottom);
        TensorRange produced = site.OutputRange(axis, padTop > 0 ? from : top + first, padBottom > 0 ? to : top + last);
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, axis, first, last);
        return WithPads(site, pads, inputs, produced);
    }

    public override ChannelCoupling Coupling(OperatorSite site)
    {
        if (Refusal(site) is { } refusal)
        {
            return ChannelCoupling.Refused(refusal);
        }
        long[] pads = Pads(site)!;
        return pads[1] == 0 && pads[site.OutputShape.Rank + 1] == 0
            ? ChannelCoupling.OneToOne(site)
            : ChannelCoupling.Refused("it pads channels");
    }

    public override OperatorCut Channels(OperatorSite site, long from, long to)
    {
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, 1, from, to);
        return OperatorCut.Of(site.Operator, inputs, site.OutputRange(1, from, to));
    }

    private static string? Refusal(OperatorSite site)
    {
        if (site.Operator.HasInput(3))
        {
            return "pads on chosen axes are not supported";
        }
        return Pads(site) is null ? "its pads are not constant"
            : site.Operator.GetText("mode", "constant") is "constant" or "edge" or "reflect" ? null
            : $"mode {site.Operator.GetText("mode", "")} is not supported";
    }

    private static long[]? Pads(OperatorSite site) =>
        site.Opset >= 11
            ? site.ConstantInput(1)?.AsSpan<long>().ToArray()
            : site.Operator.GetInts("pads")?.ToArray();

    private static OperatorCut WithPads(OperatorSite site, long[] pads, TensorRange[] inputs, TensorRange produced)
    {
        if (site.Opset < 11)
        {
            return OperatorCut.Of(site.WithAttributes(("pads", new AttributeValue.Ints(pads))), inputs, produced);
        }
        var constant = Constant.Of<long>("pads", ElementType.Int64, new Shape(pads.Length), pads);
        return OperatorCut.Of(site.Operator, inputs, produced, new Dictionary<int, Constant> { [1] = constant });
    }
}

namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// Resize and Upsample. Rows: whole-number enlargements whose coordinate mapping moves with the rows (half_pixel,
/// pytorch_half_pixel, asymmetric); interpolation reads one row (two where cubic) beyond each end, made and thrown
/// away. Channels: one to one where the channels are not resized.
/// </summary>
internal sealed class ResizeRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Resize", "Upsample"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        if (Refusal(site) is { } refusal)
        {
            return OperatorCut.Refused(refusal);
        }
        int axis = Ranges.RowAxis(site.OutputShape);
        long rows = site.InputShape(0)[axis];
        if (site.OutputShape[axis] % rows != 0 || !IsScale(site, axis, site.OutputShape[axis] / rows))
        {
            return OperatorCut.Refused("rows are not enlarged by a whole number");
        }
        long scale = site.OutputShape[axis] / rows;
        string transform = IsEarly(site)
            ? "asymmetric"
            : site.Operator.GetText("coordinate_transformation_mode", "half_pixel");
        if (scale > 1 && transform is not ("half_pixel" or "pytorch_half_pixel" or "asymmetric"))
        {
            return OperatorCut.Refused($"coordinate_transformation_mode {transform} depends on the whole height");
        }
        long halo = scale == 1 ? 0 : Halo(site, transform);
        long first = Math.Max(0, (from / scale) - halo);
        long last = Math.Min(rows, Ranges.CeilDivide(to, scale) + halo);
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, axis, first, last);
        return OperatorCut.Of(
            site.Operator, inputs, site.OutputRange(axis, first * scale, last * scale),
            Sizes(site, axis, (last - first) * scale));
    }

    public override ChannelCoupling Coupling(OperatorSite site)
    {
        if (Refusal(site) is { } refusal)
        {
            return ChannelCoupling.Refused(refusal);
        }
        return site.InputShape(0)[1] == site.OutputShape[1] && IsScale(site, 1, 1)
            ? ChannelCoupling.OneToOne(site)
            : ChannelCoupling.Refused("it resizes channels");
    }

    public override OperatorCut Channels(OperatorSite site, long from, long to)
    {
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, 1, from, to);
        return OperatorCut.Of(site.Operator, inputs, site.OutputRange(1, from, to), Sizes(site, 1, to - from));
    }

    private static string? Refusal(OperatorSite site)
    {
        if (Enumerable.Range(1, site.InputCount - 1).Any(site.IsVariable))
        {
            return "its scales are not constant";
        }
        return site.Operator.GetInts("axes") is not null ? "resizing chosen axes is not supported"
            : site.Operator.GetText("keep_aspect_ratio_policy", "stretch") != "stretch" ? "it keeps the aspect ratio"
            : site.Operator.GetText("coordinate_transformation_mode", "") == "tf_crop_and_resize"
                ? "it crops a region of interest"
            : null;
    }

    // Until opset 10 there is one mapping (asymmetric, rounding down) and no region of interest.
    private static bool IsEarly(OperatorSite site) => site.Operator.Type == "Upsample" || site.Opset < 11;

    // Whether an axis is scaled by just this number, and not by one that merely rounds to the same extent.
    private static bool IsScale(OperatorSite site, int axis, long scale)
    {
        float[]? scales = (site.Operator.Attributes.GetValueOrDefault("scales") as AttributeValue.Floats)?.Values.ToArray()
            ?? site.ConstantInput(IsEarly(site) ? 1 : 2)?.AsSpan<float>().ToArray();
        return scales is not { Length: > 0 } || scales[axis] == scale;
    }

    private static long Halo(OperatorSite site, string transform)
    {
        string mode = site.Operator.GetText("mode", "nearest");
        if (mode != "nearest")
        {
            return mode == "cubic" ? 2 : 1;
        }
        // Output row y lies within half a row of input row floor(y / scale), so rounding to the nearest finds just that
        // one; only other roundings can look one row up or down. Until opset 10 the mapping is asymmetric and rounds
        // down.
        string rounding = site.Operator.GetText("nearest_mode", "round_prefer_floor");
        bool exact = IsEarly(site) || (transform == "asymmetric" ? rounding == "floor"
                : rounding.StartsWith("round", StringComparison.Ordinal));
        return exact ? 0 : 1;
    }

    private static Dictionary<int, Constant> Sizes(OperatorSite site, int axis, long extent)
    {
        if (site.ConstantInput(3) is not { } sizes || sizes.Tensor.Shape.ElementCount == 0)
        {
            return [];
        }
        long[] changed = sizes.AsSpan<long>().ToArray();
        changed[axis] = extent;
        return new() { [3] = Constant.Of<long>("sizes", ElementType.Int64, sizes.Tensor.Shape, changed) };
    }
}

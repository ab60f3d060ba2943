namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// ConvTranspose. Output row y gets input row i through tap j where y = i * stride - pad + j * dilation. A slice crops what its
/// input rows make beyond the asked rows by larger pads, and adds output_padding where no tap reaches the last rows.
/// </summary>
internal sealed class TransposedConvolutionRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["ConvTranspose"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        if (!TryGeometry(site, out Geometry geometry))
        {
            return OperatorCut.Refused("its automatic padding is odd, which runtimes place differently");
        }
        int row = geometry.Kernel.Length - 2;
        long stride = geometry.Strides[row];
        long reach = (geometry.Kernel[row] - 1) * geometry.Dilations[row];
        long pad = geometry.Pads[row];
        long rows = site.InputShape(0)[row + 2];
        long first = Math.Min(Ranges.CeilDivide(from + pad - reach, stride), Ranges.FloorDivide(from + pad, stride));
        first = Math.Clamp(first, 0, rows - 1);
        long last = Math.Clamp(Ranges.FloorDivide(to - 1 + pad, stride) + 1, first + 1, rows);
        long madeFrom = (first * stride) - pad;
        long madeTo = ((last - 1) * stride) - pad + reach + 1;
        long[] pads = (long[])geometry.Pads.Clone();
        long[] outputPadding = (long[])geometry.OutputPadding.Clone();
        pads[row] = from - madeFrom;
        pads[geometry.Kernel.Length + row] = Math.Max(0, madeTo - to);
        outputPadding[row] = Math.Max(0, to - madeTo);
        Operator op = site.WithAttributes(
            ("pads", new AttributeValue.Ints(pads)),
            ("output_padding", outputPadding.Any(p => p != 0) ? new AttributeValue.Ints(outputPadding) : null),
            ("auto_pad", null),
            ("output_shape", null));
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, row + 2, first, last);
        return OperatorCut.Of(op, inputs, site.OutputRange(row + 2, from, to));
    }

    public override ChannelCoupling Coupling(OperatorSite site)
    {
        if (site.IsVariable(1) || site.IsVariable(2))
        {
            return ChannelCoupling.Refused("its weights are not constant");
        }
        long groups = site.Operator.GetInt("group", 1);
        return groups == 1
            ? ChannelCoupling.ReadsAll(site)
            : ChannelCoupling.OneToOne(site, site.InputShape(0)[1] / groups, site.OutputShape[1] / groups);
    }

    public override OperatorCut Channels(OperatorSite site, long from, long to)
    {
        TensorRange[] inputs = site.WholeInputs();
        if (site.Operator.HasInput(2))
        {
            inputs[2] = site.InputRange(2, 0, from, to);
        }
        long groups = site.Operator.GetInt("group", 1);
        if (groups == 1)
        {
            inputs[1] = site.InputRange(1, 1, from, to);
            return OperatorCut.Of(site.Operator, inputs, site.OutputRange(1, from, to));
        }
        (long inStep, long outStep) = (site.InputShape(0)[1] / groups, site.OutputShape[1] / groups);
        inputs[0] = site.InputRange(0, 1, from / outStep * inStep, to / outStep * inStep);
        inputs[1] = site.InputRange(1, 0, from / outStep * inStep, to / outStep * inStep);
        Operator op = site.WithAttributes(("group", new AttributeValue.Int((to - from) / outStep)));
        return OperatorCut.Of(op, inputs, site.OutputRange(1, from, to));
    }

    private static bool TryGeometry(OperatorSite site, out Geometry geometry)
    {
        Operator op = site.Operator;
        long[] kernel = [.. site.InputShape(1).Skip(2)];
        int spatial = kernel.Length;
        long[] ones = [.. Enumerable.Repeat(1L, spatial)];
        geometry = new Geometry(
            kernel,
            op.GetInts("strides")?.ToArray() ?? ones,
            op.GetInts("dilations")?.ToArray() ?? ones,
            op.GetInts("pads")?.ToArray() ?? new long[2 * spatial],
            op.GetInts("output_padding")?.ToArray() ?? new long[spatial]);
        string autoPad = op.GetText("auto_pad", "NOTSET");
        if (autoPad == "VALID")
        {
            geometry = geometry with { Pads = new long[2 * spatial] };
        }
        if (op.GetInts("output_shape") is null && autoPad is "NOTSET" or "VALID")
        {
            return true;
        }
        long[] pads = new long[2 * spatial];
        for (int i = 0; i < spatial; i++)
        {
            long full = ((site.InputShape(0)[i + 2] - 1) * geometry.Strides[i]) + geometry.OutputPadding[i]
                + ((kernel[i] - 1) * geometry.Dilations[i]) + 1;
            long total = full - site.OutputShape[i + 2];
            if (total < 0 || total % 2 != 0)
            {
                return false;
            }
            pads[i] = pads[spatial + i] = total / 2;
        }
        geometry = geometry with { Pads = pads };
        return true;
    }

    private sealed record Geometry(long[] Kernel, long[] Strides, long[] Dilations, long[] Pads, long[] OutputPadding);
}

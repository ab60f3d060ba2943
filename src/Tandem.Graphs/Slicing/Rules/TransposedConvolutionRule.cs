namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// ConvTranspose. Output row y gets input row i through tap j where y = i * stride - pad + j * dilation. A slice crops
/// what its input rows make beyond the asked rows by larger pads, and adds output_padding where no tap reaches the last
/// rows.
/// </summary>
internal sealed class TransposedConvolutionRule : GroupedProductRule
{
    public override IReadOnlyList<string> Types { get; } = ["ConvTranspose"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        TransposedWindow window = TransposedWindow.Of(site.Operator, site.Graph);
        if (window.OutputPadding.Where((p, i) => p >= window.Strides[i]).Any())
        {
            return OperatorCut.Refused("its output_shape is far larger than what its input makes");
        }
        int row = window.Kernel.Count - 2;
        long stride = window.Strides[row];
        long reach = (window.Kernel[row] - 1) * window.Dilations[row];
        long pad = window.PadsBegin[row];
        long rows = site.InputShape(0)[row + 2];
        long first = Math.Min(Ranges.CeilDivide(from + pad - reach, stride), Ranges.FloorDivide(from + pad, stride));
        first = Math.Clamp(first, 0, rows - 1);
        long last = Math.Clamp(Ranges.FloorDivide(to - 1 + pad, stride) + 1, first + 1, rows);
        long madeFrom = (first * stride) - pad;
        long madeTo = ((last - 1) * stride) - pad + reach + 1;
        long[] pads = [.. window.PadsBegin, .. window.PadsEnd];
        long[] outputPadding = [.. window.OutputPadding];
        pads[row] = from - madeFrom;
        pads[window.Kernel.Count + row] = Math.Max(0, madeTo - to);
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

    private protected override int OutputAxis => 1;
}

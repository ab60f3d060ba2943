using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Inference;

namespace Tandem.Graphs.Tests.Inference;

/// <summary>Output extents of convolution and pooling against counting the windows one by one.</summary>
public sealed class SlidingWindowTests
{
    private static readonly Gen<Case> Cases =
        from extent in Gen.Choose(1, 40)
        from kernel in Gen.Choose(1, 7)
        from stride in Gen.Choose(1, 5)
        from dilation in Gen.Choose(1, 4)
        from begin in Gen.Choose(0, 6)
        from end in Gen.Choose(0, 6)
        from ceil in Gen.Elements(false, true)
        select new Case(extent, kernel, stride, dilation, begin, end, ceil);

    [Fact]
    public void Extents_are_what_counting_yields() => Prop.ForAll(Cases.ToArbitrary(), c =>
    {
        var window = new SlidingWindow([c.Kernel], [c.Stride], [c.Dilation], [c.Begin], [c.End], c.Ceil);
        return window.OutputExtent(0, c.Extent) == Count(c);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData("SAME_UPPER")]
    [InlineData("SAME_LOWER")]
    public void Same_padding_makes_as_many_windows_as_strides_fit_and_differs_by_one_at_most(string mode) =>
        Prop.ForAll(Cases.ToArbitrary(), c =>
        {
            var op = new Operator("op", "MaxPool", ["x"], ["y"], new Dictionary<string, AttributeValue>
            {
                ["kernel_shape"] = new AttributeValue.Ints([c.Kernel]),
                ["strides"] = new AttributeValue.Ints([c.Stride]),
                ["dilations"] = new AttributeValue.Ints([c.Dilation]),
                ["auto_pad"] = new AttributeValue.Text(mode),
            });
            var window = SlidingWindow.Of(op, [c.Extent], null);
            long difference = window.PadsEnd[0] - window.PadsBegin[0];
            return window.OutputExtent(0, c.Extent) == (c.Extent + c.Stride - 1) / c.Stride
                && (mode == "SAME_UPPER" ? difference : -difference) is 0 or 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_graphs_operators_agree_with_their_windows() => Prop.ForAll(Cases.ToArbitrary(), c =>
    {
        long expected = Count(c with { Ceil = false });
        string given = $"strides={c.Stride}, dilations={c.Dilation}, pads={c.Begin},{c.End}";
        return expected <= 0
            || OneOperator.Shapes(13, "Conv", $"1x1x{c.Extent} 2x1x{c.Kernel}", given) == $"[1,2,{expected}]";
    }).QuickCheckThrowOnFailure();

    // A window counts if all of it lies within the padded extent; in ceiling mode, if it begins before the padding at the end.
    private static long Count(Case c)
    {
        long reach = ((c.Kernel - 1) * c.Dilation) + 1;
        long padded = c.Begin + c.Extent + c.End;
        long count = 0;
        for (long start = 0; start < padded; start += c.Stride)
        {
            bool isWhole = start + reach <= padded;
            // The first window that sticks out counts in ceiling mode, unless the one before it reached the end exactly.
            bool isLast = c.Ceil && reach <= padded && start - c.Stride + reach < padded && start < c.Begin + c.Extent;
            count += isWhole || isLast ? 1 : 0;
        }
        return count;
    }

    private sealed record Case(long Extent, long Kernel, long Stride, long Dilation, long Begin, long End, bool Ceil);
}

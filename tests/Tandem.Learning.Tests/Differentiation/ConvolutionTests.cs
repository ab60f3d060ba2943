using Tandem.Graphs;

namespace Tandem.Learning.Tests.Differentiation;

public class ConvolutionTests
{
    [Fact]
    public void Conv_with_any_window_and_groups() => Property.ForSeeds(40, check =>
    {
        ReferenceConvolution reference = Draw(check.Random);
        check.Run(
            [Large(reference), Weights(reference), new Shape(reference.Outputs)],
            (draft, x) => draft.Add("Conv", x, Attributes(reference)),
            x => AddBias(reference.Forward(x[0], x[1]), x[2], reference.OutputRows * reference.OutputColumns));
    });

    [Fact]
    public void Depthwise_conv() => Property.ForSeeds(10, check =>
    {
        ReferenceConvolution drawn = Draw(check.Random);
        ReferenceConvolution reference = drawn with { Channels = 3, Outputs = 3, Groups = 3 };
        check.Run(
            [Large(reference), Weights(reference)], (draft, x) => draft.Add("Conv", x, Attributes(reference)),
            x => reference.Forward(x[0], x[1]));
    });

    [Fact]
    public void Transposed_conv_with_any_window_and_groups() => Property.ForSeeds(30, check =>
    {
        ReferenceConvolution drawn = Draw(check.Random);
        // The large image is as large as the windows reach, so that it needs no output padding.
        ReferenceConvolution reference = drawn with
        {
            Rows = ((drawn.OutputRows - 1) * drawn.StrideRows) + ((drawn.KernelRows - 1) * drawn.DilationRows) + 1 - drawn.Pads[0] - drawn.Pads[2],
            Columns = ((drawn.OutputColumns - 1) * drawn.StrideColumns) + ((drawn.KernelColumns - 1) * drawn.DilationColumns) + 1
                - drawn.Pads[1] - drawn.Pads[3],
        };
        check.Run(
            [new Shape(reference.Batch, reference.Outputs, reference.OutputRows, reference.OutputColumns), Weights(reference)],
            (draft, x) => draft.Add("ConvTranspose", x, Attributes(reference)),
            x => reference.Transposed(x[0], x[1]));
    });

    internal static ReferenceConvolution Draw(Random random)
    {
        int groups = random.Next(1, 3);
        int[] kernel = [random.Next(1, 4), random.Next(1, 4)];
        int[] dilation = [random.Next(1, 3), random.Next(1, 3)];
        int[] reach = [((kernel[0] - 1) * dilation[0]) + 1, ((kernel[1] - 1) * dilation[1]) + 1];
        return new ReferenceConvolution(
            random.Next(1, 3), groups * random.Next(1, 3), reach[0] + random.Next(0, 3), reach[1] + random.Next(0, 3),
            groups * random.Next(1, 3), groups, kernel[0], kernel[1], random.Next(1, 3), random.Next(1, 3), dilation[0], dilation[1],
            [Pad(random, reach[0]), Pad(random, reach[1]), Pad(random, reach[0]), Pad(random, reach[1])]);
    }

    internal static (string, AttributeValue)[] Attributes(ReferenceConvolution reference) =>
    [
        ("strides", new AttributeValue.Ints([reference.StrideRows, reference.StrideColumns])),
        ("dilations", new AttributeValue.Ints([reference.DilationRows, reference.DilationColumns])),
        ("pads", new AttributeValue.Ints([.. reference.Pads.Select(p => (long)p)])),
        ("group", new AttributeValue.Int(reference.Groups)),
    ];

    internal static Shape Large(ReferenceConvolution c) => new(c.Batch, c.Channels, c.Rows, c.Columns);

    internal static Shape Weights(ReferenceConvolution c) => new(c.Outputs, c.Channels / c.Groups, c.KernelRows, c.KernelColumns);

    private static int Pad(Random random, int reach) => random.Next(0, Math.Min(reach, 3));

    private static double[] AddBias(double[] y, double[] bias, int positions) =>
        [.. y.Select((value, i) => value + bias[i / positions % bias.Length])];
}

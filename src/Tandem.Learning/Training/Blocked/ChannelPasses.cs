using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>What one depthwise operator of the blocked layout does in a single pass over images.</summary>
internal static class ChannelPasses
{
    // Times any positive number of single precision's usual range this is above 1.
    private const double Huge = 1e30;

    /// <summary>Elements of one channel in all images.</summary>
    public static double Count(Tensor x) => (double)x.Shape.ElementCount / x.Shape[1];

    /// <summary>The mean of each channel: [C].</summary>
    public static Tensor Mean(BlockedWriter writer, Tensor x)
    {
        Tensor means = writer.Add("GlobalAveragePool", [x]);
        Tensor sums = writer.Draft.ReduceSum(writer.Draft.Reshape(means, new Shape(x.Shape[0], x.Shape[1])), [0], keepDimensions: false);
        return writer.Draft.Scale(sums, 1.0 / x.Shape[0]);
    }

    /// <summary>The sum of the products of two tensors over each channel: [C]. One is read as depthwise filters as large as an image.</summary>
    public static Tensor Dot(BlockedWriter writer, Tensor x, Tensor y)
    {
        (long batch, long channels, long rows, long columns) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        long planes = batch * channels;
        Tensor sums = writer.Add(
            "Conv",
            [writer.Draft.Reshape(x, new Shape(1, planes, rows, columns)), writer.Draft.Reshape(y, new Shape(planes, 1, rows, columns))],
            ("kernel_shape", Expressions.Ints([rows, columns])), ("group", Expressions.Int(planes)));
        return writer.Draft.ReduceSum(writer.Draft.Reshape(sums, new Shape(batch, channels)), [0], keepDimensions: false);
    }

    /// <summary>x times a factor of each channel, plus an offset of each channel, plus another tensor, then a Relu on demand.</summary>
    public static Tensor Affine(BlockedWriter writer, Tensor x, Tensor factors, Tensor? offsets, Tensor? sum = null, bool relu = false)
    {
        long channels = x.Shape[1];
        List<Tensor?> inputs = [x, writer.Draft.Reshape(factors, new Shape(channels, 1, 1, 1))];
        if (offsets is not null || sum is not null)
        {
            inputs.Add(offsets is null ? null : writer.Draft.Reshape(offsets, new Shape(channels)));
        }
        if (sum is not null)
        {
            inputs.Add(sum);
        }
        return relu
            ? writer.Add("Conv", inputs, Window, Groups(channels), ("activation", new AttributeValue.Text("Relu")))
            : writer.Add("Conv", inputs, Window, Groups(channels));
    }

    /// <summary>1 where a tensor is above 0, else 0.</summary>
    public static Tensor Positive(BlockedWriter writer, Tensor x)
    {
        Tensor factors = writer.Draft.Numbers(
            [.. Enumerable.Repeat(Huge, (int)x.Shape[1])], ElementType.Float32, new Shape(x.Shape[1], 1, 1, 1));
        return writer.Add(
            "Conv", [x, factors], Window, Groups(x.Shape[1]), ("activation", new AttributeValue.Text("Clip")),
            ("activation_params", new AttributeValue.Floats([0, 1])));
    }

    private static (string, AttributeValue) Window => ("kernel_shape", Expressions.Ints([1, 1]));

    private static (string, AttributeValue) Groups(long count) => ("group", Expressions.Int(count));
}

using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Tests.Differentiation;

public class NormalizationAndPoolingTests
{
    private const float Epsilon = 1e-2f;

    [Theory]
    [InlineData(0f)]
    [InlineData(0.7f)]
    public void Batch_normalization_in_training(float momentum) => Property.ForSeeds(12, check =>
    {
        Shape x = new(check.Random.Next(2, 4), check.Random.Next(1, 4), check.Random.Next(1, 4), check.Random.Next(2, 4));
        var channels = new Shape(x[1]);
        check.Run(
            [x, channels, channels],
            (draft, inputs) => draft.Add(
                "BatchNormalization",
                [.. inputs, draft.Zeros(ElementType.Float32, channels), draft.Expand(draft.Number(1, ElementType.Float32), channels)],
                3, ("training_mode", new AttributeValue.Int(1)), ("momentum", new AttributeValue.Float(momentum)),
                ("epsilon", new AttributeValue.Float(Epsilon)))[0],
            inDouble: Normalized);
    });

    [Fact]
    public void Batch_normalization_at_inference() => Property.ForSeeds(8, check =>
    {
        Shape x = check.Shape(4);
        var channels = new Shape(x[1]);
        double[] mean = [.. Enumerable.Range(0, (int)x[1]).Select(i => 0.1 * i)];
        double[] variance = [.. Enumerable.Range(0, (int)x[1]).Select(i => 0.5 + i)];
        check.Run([x, channels, channels], (draft, inputs) => draft.Add(
            "BatchNormalization",
            [.. inputs, draft.Numbers(mean, inputs[0].Type, channels), draft.Numbers(variance, inputs[0].Type, channels)]));
    });

    [Fact]
    public void Average_pool_with_any_window() => Property.ForSeeds(30, check =>
    {
        ReferenceConvolution window = Plain(ConvolutionTests.Draw(check.Random));
        bool countsPads = check.Random.Next(2) == 1;
        int planes = window.Batch * window.Channels;
        ReferenceConvolution plane = window with { Batch = planes, Channels = 1, Outputs = 1, Groups = 1 };
        double[] ones = [.. Enumerable.Repeat(1.0, plane.KernelRows * plane.KernelColumns)];
        check.Run(
            [ConvolutionTests.Large(window)],
            (draft, x) => draft.Add("AveragePool", x, [.. Window(window), ("count_include_pad", new AttributeValue.Int(countsPads ? 1 : 0))]),
            x =>
            {
                double[] counts = countsPads
                    ? [.. plane.Forward(x[0], ones).Select(_ => (double)ones.Length)]
                    : plane.Forward([.. x[0].Select(_ => 1.0)], ones);
                return [.. plane.Forward(x[0], ones).Zip(counts, (sum, count) => sum / count)];
            });
    });

    [Fact]
    public void Max_pool_with_any_window() => Property.ForSeeds(30, check =>
    {
        ReferenceConvolution drawn = ConvolutionTests.Draw(check.Random);
        ReferenceConvolution window = Plain(drawn) with { DilationRows = drawn.DilationRows, DilationColumns = drawn.DilationColumns };
        (string, AttributeValue)[] attributes =
            [.. Window(window), ("dilations", new AttributeValue.Ints([window.DilationRows, window.DilationColumns]))];
        check.Run([ConvolutionTests.Large(window)], (draft, x) => draft.Add("MaxPool", x, attributes));
    });

    [Fact]
    public void Global_pools() => Property.ForSeeds(10, check =>
    {
        Shape shape = check.Shape(4);
        check.Run([shape], (draft, x) => draft.Add("GlobalAveragePool", x), inDouble: (draft, x) =>
            draft.Scale(draft.ReduceSum(x[0], [2, 3]), 1.0 / (shape[2] * shape[3])));
        check.Run([shape], (draft, x) => draft.Add("GlobalMaxPool", x), inDouble: (draft, x) =>
            draft.Add("ReduceMax", x, ("axes", new AttributeValue.Ints([2, 3]))));
    });

    // Batch normalisation by its definition.
    private static Tensor Normalized(GraphDraft draft, IReadOnlyList<Tensor> inputs)
    {
        Tensor x = inputs[0];
        double share = (double)x.Shape[1] / x.Shape.ElementCount;
        Tensor centred = draft.Sub(x, draft.Scale(draft.ReduceSum(x, [0, 2, 3]), share));
        Tensor variance = draft.Scale(draft.ReduceSum(draft.Mul(centred, centred), [0, 2, 3]), share);
        Tensor normalized = draft.Div(centred, draft.Add("Sqrt", [draft.Shift(variance, Epsilon)]));
        var perChannel = new Shape(1, x.Shape[1], 1, 1);
        return draft.Add(
            draft.Mul(normalized, draft.Reshape(inputs[1], perChannel)), draft.Reshape(inputs[2], perChannel));
    }

    private static ReferenceConvolution Plain(ReferenceConvolution drawn) => drawn with
    {
        DilationRows = 1,
        DilationColumns = 1,
        Pads = [.. drawn.Pads.Select((pad, i) => Math.Min(pad, (i % 2 == 0 ? drawn.KernelRows : drawn.KernelColumns) - 1))],
    };

    private static (string, AttributeValue)[] Window(ReferenceConvolution window) =>
    [
        ("kernel_shape", new AttributeValue.Ints([window.KernelRows, window.KernelColumns])),
        ("strides", new AttributeValue.Ints([window.StrideRows, window.StrideColumns])),
        ("pads", new AttributeValue.Ints([.. window.Pads.Select(p => (long)p)])),
    ];
}

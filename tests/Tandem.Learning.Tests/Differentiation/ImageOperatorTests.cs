using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Tests.Differentiation;

/// <summary>Operators of vision networks beside convolutions: normalisations by own statistics, padding by other pixels, resizing.</summary>
public class ImageOperatorTests
{
    private const float Epsilon = 1e-2f;

    [Fact]
    public void Instance_normalization() => Property.ForSeeds(10, check =>
    {
        Shape x = new(check.Random.Next(1, 3), check.Random.Next(1, 4), check.Random.Next(1, 4), check.Random.Next(2, 4));
        var channels = new Shape(x[1]);
        var perChannel = new Shape(1, x[1], 1, 1);
        check.Run(
            [x, channels, channels],
            (draft, inputs) => draft.Add("InstanceNormalization", inputs, ("epsilon", new AttributeValue.Float(Epsilon))),
            inDouble: (draft, inputs) => draft.Add(
                draft.Mul(Normalized(draft, inputs[0], [2, 3]), draft.Reshape(inputs[1], perChannel)), draft.Reshape(inputs[2], perChannel)));
    });

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Layer_normalization(int axis) => Property.ForSeeds(
        8,
        check =>
        {
            Shape x = new(check.Random.Next(1, 4), check.Random.Next(1, 4), check.Random.Next(2, 5));
            Shape scale = axis < 0 ? new Shape(x[2]) : new Shape(x[1], x[2]);
            check.Run(
                [x, scale, scale],
                (draft, inputs) => draft.Add(
                    "LayerNormalization", inputs, ("axis", new AttributeValue.Int(axis)), ("epsilon", new AttributeValue.Float(Epsilon))),
                inDouble: (draft, inputs) => draft.Add(
                    draft.Mul(Normalized(draft, inputs[0], axis < 0 ? [2] : [1, 2]), inputs[1]), inputs[2]));
        },
        opset: 17);

    [Fact]
    public void Local_response_normalization() => Property.ForSeeds(15, check =>
    {
        Shape shape = new(check.Random.Next(1, 3), check.Random.Next(1, 7), check.Random.Next(1, 3), check.Random.Next(1, 3));
        int size = (2 * check.Random.Next(0, 3)) + 1;
        (float alpha, float beta, float bias) = (0.5f, 0.75f, 1.5f);
        check.Run(
            [shape],
            (draft, x) => draft.Add(
                "LRN", x, ("size", new AttributeValue.Int(size)), ("alpha", new AttributeValue.Float(alpha)),
                ("beta", new AttributeValue.Float(beta)), ("bias", new AttributeValue.Float(bias))),
            x => Respond(x[0], (int)shape[1], (int)(shape[2] * shape[3]), size, alpha, beta, bias));
    });

    [Theory]
    [InlineData("constant")]
    [InlineData("edge")]
    [InlineData("reflect")]
    public void Padding(string mode) => Property.ForSeeds(12, check =>
    {
        Shape shape = new(2, 2, check.Random.Next(2, 5), check.Random.Next(2, 5));
        long[] pads = [0, 0, .. Pads(), 0, 0, .. Pads()];
        check.Run([shape], (draft, x) => draft.Add(
            "Pad", [x[0], draft.Integers(pads)], ("mode", new AttributeValue.Text(mode))));
        long[] Pads() => [check.Random.NextInt64(0, shape[2]), check.Random.NextInt64(0, shape[3])];
    });

    [Theory]
    [InlineData("nearest", "asymmetric", "floor")]
    [InlineData("nearest", "half_pixel", "round_prefer_floor")]
    [InlineData("linear", "half_pixel", "floor")]
    [InlineData("linear", "align_corners", "floor")]
    public void Resizing(string mode, string coordinates, string rounding) => Property.ForSeeds(10, check =>
    {
        Shape shape = new(1, 2, check.Random.Next(2, 5), check.Random.Next(2, 5));
        long[] sizes = [1, 2, check.Random.NextInt64(2, 9), check.Random.NextInt64(2, 9)];
        check.Run(
            [shape],
            (draft, x) => draft.Add(
                "Resize", [x[0], null, null, draft.Integers(sizes)], ("mode", new AttributeValue.Text(mode)),
                ("coordinate_transformation_mode", new AttributeValue.Text(coordinates)), ("nearest_mode", new AttributeValue.Text(rounding))),
            x => Resized(x[0], [.. shape], sizes, at => At(at.Place, at.From, at.To, coordinates), mode == "linear", rounding == "floor"));
    });

    [Theory]
    [InlineData(2, 2)]
    [InlineData(1, 3)]
    public void Repeating_pixels_and_pooling_them_again(int rows, int columns) => Property.ForSeeds(6, check =>
    {
        Shape shape = new(2, 3, 2 * rows, 2 * columns);
        var window = new AttributeValue.Ints([rows, columns]);
        check.Run(
            [shape], (draft, x) => draft.Add("AveragePool", x, ("kernel_shape", window), ("strides", window)), inDouble: (draft, x) => draft.Scale(
                draft.ReduceSum(draft.Reshape(x[0], new Shape(2, 3, 2, rows, 2, columns)), [3, 5], keepDimensions: false), 1.0 / (rows * columns)));
        check.Run(
            [shape],
            (draft, x) => draft.Add(
                "Resize", [x[0], null, draft.Numbers([1, 1, rows, columns], ElementType.Float32, new Shape(4))], ("mode", new AttributeValue.Text("nearest")),
                ("coordinate_transformation_mode", new AttributeValue.Text("asymmetric")), ("nearest_mode", new AttributeValue.Text("floor"))),
            inDouble: (draft, x) => draft.Reshape(
                draft.Expand(
                    draft.Reshape(x[0], new Shape(2, 3, 2 * rows, 1, 2 * columns, 1)), new Shape(2, 3, 2 * rows, rows, 2 * columns, columns)),
                new Shape(2, 3, 2 * rows * rows, 2 * columns * columns)));
    });

    private static Tensor Normalized(GraphDraft draft, Tensor x, long[] axes)
    {
        double share = 1.0 / axes.Aggregate(1L, (count, axis) => count * x.Shape[(int)axis]);
        Tensor centred = draft.Sub(x, draft.Scale(draft.ReduceSum(x, axes), share));
        Tensor variance = draft.Scale(draft.ReduceSum(draft.Mul(centred, centred), axes), share);
        return draft.Div(centred, draft.Add("Sqrt", [draft.Shift(variance, Epsilon)]));
    }

    private static double[] Respond(double[] x, int channels, int positions, int size, float alpha, float beta, float bias)
    {
        double[] y = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int channel = i / positions % channels;
            double sum = Enumerable.Range(channel - ((size - 1) / 2), size).Where(c => c >= 0 && c < channels)
                .Sum(c => Math.Pow(x[i + ((c - channel) * positions)], 2));
            y[i] = x[i] * Math.Pow(bias + (alpha / (double)size * sum), -(double)beta);
        }
        return y;
    }

    private static double At(long place, long from, long to, string coordinates) => coordinates switch
    {
        "asymmetric" => (double)place * from / to,
        "align_corners" => place * (from - 1.0) / (to - 1),
        _ => ((place + 0.5) * from / to) - 0.5,
    };

    private static double[] Resized(
        double[] x, long[] from, long[] to, Func<(long Place, long From, long To), double> at, bool isLinear, bool floors)
    {
        List<double> y = [];
        for (long plane = 0; plane < from[0] * from[1]; plane++)
        {
            for (long row = 0; row < to[2]; row++)
            {
                for (long column = 0; column < to[3]; column++)
                {
                    y.Add(Parts(at((row, from[2], to[2])), from[2], isLinear, floors).Sum(r => r.Share *
                        Parts(at((column, from[3], to[3])), from[3], isLinear, floors).Sum(c =>
                            c.Share * x[(((plane * from[2]) + r.Place) * from[3]) + c.Place])));
                }
            }
        }
        return [.. y];
    }

    private static (long Place, double Share)[] Parts(double at, long extent, bool isLinear, bool floors)
    {
        if (!isLinear)
        {
            return [(Math.Clamp((long)(floors ? Math.Floor(at) : Math.Ceiling(at - 0.5)), 0, extent - 1), 1)];
        }
        double inside = Math.Clamp(at, 0, extent - 1);
        long below = (long)Math.Floor(inside);
        return [(below, 1 - (inside - below)), (Math.Min(below + 1, extent - 1), inside - below)];
    }
}

using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;

namespace Tandem.Graphs.Tests.Slicing;

/// <summary>
/// For random pairs of products and random shares: the partial sums cover every input channel once, and what reduces them makes
/// the whole's numbers.
/// </summary>
public sealed class InputChannelTests
{
    private const int Cases = 150;

    [Fact]
    public void Partial_sums_of_one_product_make_the_whole() =>
        ForRandom((net, dice, x) => Product(net, dice, x), SliceAxis.None);

    [Fact]
    public void Reductions_divided_by_channels_make_the_whole() => ForRandom(Pair, SliceAxis.Channels);

    [Fact]
    public void Reductions_divided_by_rows_make_the_whole() => ForRandom(Pair, SliceAxis.Rows);

    [Fact]
    public void Pairs_that_end_in_a_matrix_product_make_the_whole() => ForRandom(
        (net, dice, x) =>
        {
            Tensor? y = RandomLayers.Conv(net, dice, x);
            y = y is null || y.Shape[2] * y.Shape[3] > 40 ? null : Between(net, dice, y);
            return y is null ? null : After(net, dice, Gemm(net, dice, net.Flatten(dice.OneIn(2) ? net.GlobalAveragePool(y) : y)), x);
        },
        SliceAxis.Channels);

    [Fact]
    public void Bias_is_in_the_first_partial_sum_alone_and_weights_are_divided()
    {
        Network network = Of((net, x) => net.Relu(net.Conv(net.Relu(net.Conv(x, 8, 3, pad: 1)), 6, 1)));
        var kernels = new KernelRange(0, 4);
        Slice first = Partial(kernels, new Share(0, 0.25), 0).Cut(network);
        Slice second = Partial(kernels, new Share(0.25, 1), 1).Cut(network);
        Assert.Equal(3, first.Graph.Operators[^1].Inputs.Count);
        Assert.Equal(2, second.Graph.Operators[^1].Inputs.Count);
        Assert.Equal([6, 2, 1, 1], first.Graph.Tensors[first.Graph.Operators[^1].Inputs[1]].Shape);
        Assert.Equal([6, 6, 1, 1], second.Graph.Tensors[second.Graph.Operators[^1].Inputs[1]].Shape);
        Assert.True(first.Inputs.Single().Range.IsWhole);
        Assert.Equal(["Conv_2@sum0", "Conv_2@sum1"], new[] { first, second }.Select(s => s.Outputs.Single().Tensor.Name));
        Assert.All([first, second], slice => Assert.True(slice.Outputs[0].Range.IsWhole));
    }

    [Fact]
    public void Product_without_another_before_reads_its_share_of_the_input()
    {
        Network network = Of((net, x) => net.Conv(x, 6, 3));
        Slice second = Partial(new KernelRange(0, 1), new Share(0.5, 1), 1).Cut(network);
        Assert.Equal(new TensorRange(1, 2, 4), second.Inputs.Single().Range);
    }

    [Fact]
    public void Reduction_reads_only_its_part_of_the_sums_and_of_what_is_added()
    {
        // A residual block: x is read by the first convolution, and added after the second.
        Network network = Of((net, x) => net.Relu(net.Add(x, net.Conv(net.Relu(net.Conv(x, 8, 1)), 4, 3, pad: 1))));
        var spec = new SliceSpec(new KernelRange(0, 5), SliceAxis.Channels, new Share(0.5, 1)) { Summands = 2 };
        Slice slice = spec.Cut(network);
        Assert.Equal(
            ["Conv_2@sum0[axis 1: 2..4]", "Conv_2@sum1[axis 1: 2..4]", "x[axis 1: 2..4]"],
            slice.Inputs.Select(i => i.Tensor.Name + i.Range));
        Assert.Equal(["Sum", "Add", "Relu"], slice.Graph.Operators.Select(op => op.Type));
        Assert.Equal("0-4 sum of 2 OC 0.5..1", spec.ToString());
    }

    [Theory]
    [InlineData("grouped", "groups")]
    [InlineData("depthwise", "groups")]
    [InlineData("none", "no product")]
    [InlineData("fork", "is read by others too")]
    [InlineData("three", "reads all channels")]
    [InlineData("variable", "weights are not constant")]
    [InlineData("transposed", "transposed")]
    public void What_cannot_be_divided_so_is_refused_with_the_reason(string kind, string expected)
    {
        Network network = Of((net, x) => Refused(net, net.Relu(net.Conv(x, 4, 3, pad: 1)), kind));
        var kernels = new KernelRange(kind == "none" ? 1 : 0, network.Kernels.Count);
        SlicingException e = Assert.Throws<SlicingException>(() => Partial(kernels, Share.FirstHalf, 0).Cut(network));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains("by input channels", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        if (kind != "three")
        {
            Assert.Contains(expected, Assert.Throws<SlicingException>(
                () => (SliceSpec.Of(kernels) with { Summands = 2 }).Cut(network)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Share_without_channels_is_refused()
    {
        Network network = Of((net, x) => net.Conv(x, 6, 3));
        Assert.False(Slicer.CanCut(network, 0, 1, SliceAxis.InputChannels, new Share(0, 0.01), out string reason));
        Assert.Contains("holds none of the 4 channels of 'x'", reason, StringComparison.Ordinal);
    }

    private static Tensor Refused(GraphBuilder net, Tensor x, string kind) => kind switch
    {
        "grouped" => net.Conv(x, 8, 3, groups: 2),
        "depthwise" => net.DepthwiseConv(x, 3, 1, 1),
        "none" => net.Relu(x),
        "fork" => net.Add(x, net.Conv(x, 4, 1)),
        "three" => net.Conv(net.Conv(x, 4, 1), 4, 1),
        "variable" => net.Add("Conv", new Shape(1, 1, 1, 1), [x, x]),
        _ => net.Add(
            "Gemm", new Shape(1024, 3), [net.Flatten(x), net.Weight("w", 1, 3)], ("transA", new AttributeValue.Int(1))),
    };

    private static void ForRandom(Func<GraphBuilder, Dice, Tensor, Tensor?> layers, SliceAxis axis)
    {
        int checkedCases = 0;
        Property property = Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var dice = new Dice(seed);
            var net = new GraphBuilder("random");
            Tensor x = net.Input("x", 1, dice.Between(2, 8), dice.Between(1, 16), dice.Between(1, 9));
            if (layers(net, dice, x) is not { } y)
            {
                return;
            }
            Network network = PartitionCheck.Unfused(net.Build(dice.Between(0, 1000), y));
            var kernels = new KernelRange(0, network.Kernels.Count);
            IReadOnlyList<Share> parts = PartitionCheck.Shares(dice.Cuts());
            IReadOnlyList<Share> shares = axis == SliceAxis.None ? [Share.All] : PartitionCheck.Shares(dice.Cuts());
            SliceSpec[] specs =
            [
                .. parts.Select(share => Partial(kernels, share, 0)),
                .. shares.Select(share => new SliceSpec(kernels, axis, share) { Summands = parts.Count }),
            ];
            if (specs.All(spec => Holds(network, spec)))
            {
                new PartitionCheck(network, seed).RunPartialSums(kernels, parts, axis, shares);
                checkedCases++;
            }
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), property);
        // About a sixth of them can; that less than a thirtieth can does not happen by chance.
        Assert.True(checkedCases > Cases / 30, $"only {checkedCases} of {Cases} random cases could be checked");
    }

    // A share may be too small to hold a channel or row, and a window may lie in padding; nothing else is refused.
    private static bool Holds(Network network, SliceSpec spec)
    {
        try
        {
            return spec.Cut(network).Graph.Operators.Count > 0;
        }
        catch (SlicingException e)
        {
            Assert.Matches("holds none|lies in padding|padding is larger", e.Message);
            return false;
        }
    }

    private static Tensor? Pair(GraphBuilder net, Dice dice, Tensor x)
    {
        Tensor? y = RandomLayers.Conv(net, dice, x);
        y = y is null ? null : Between(net, dice, y);
        y = y is null ? null : Product(net, dice, y);
        return y is null ? null : After(net, dice, y, x);
    }

    private static Tensor? Between(GraphBuilder net, Dice dice, Tensor x) => dice.Between(0, 3) switch
    {
        0 => RandomLayers.Pool(net, dice, x),
        1 => RandomLayers.Conv(net, dice, net.Relu(x), isDepthwise: true),
        2 => x,
        _ => RandomLayers.Pointwise(net, dice, x),
    };

    private static Tensor? Product(GraphBuilder net, Dice dice, Tensor x) =>
        dice.OneIn(4) ? RandomLayers.ConvTranspose(net, dice, x, mayBeGrouped: false) : RandomLayers.Conv(net, dice, x);

    private static Tensor Gemm(GraphBuilder net, Dice dice, Tensor x)
    {
        bool isTransposed = dice.OneIn(2);
        (long depth, long columns) = (x.Shape[1], dice.Between(1, 7));
        if (dice.OneIn(4))
        {
            return net.Add("MatMul", new Shape(1, columns), [x, net.Weight("matmul", depth, columns)]);
        }
        Tensor weight = isTransposed ? net.Weight("gemm", columns, depth) : net.Weight("gemm", depth, columns);
        Tensor[] inputs = dice.OneIn(2) ? [x, weight] : [x, weight, net.Weight("gemm.bias", columns)];
        return net.Add(
            "Gemm", new Shape(1, columns), inputs, ("transB", new AttributeValue.Int(isTransposed ? 1 : 0)),
            ("alpha", new AttributeValue.Float(0.5f)), ("beta", new AttributeValue.Float(2)));
    }

    private static Tensor After(GraphBuilder net, Dice dice, Tensor y, Tensor x) => dice.Between(0, 4) switch
    {
        0 => y,
        1 => net.Relu(y),
        2 => net.Clip(y),
        3 when y.Shape.Equals(x.Shape) => net.Relu(net.Add(x, y)),
        _ => net.Relu(net.Add(y, net.Weight("addend", [.. y.Shape]))),
    };

    private static SliceSpec Partial(KernelRange kernels, Share share, int part) =>
        new(kernels, SliceAxis.InputChannels, share) { Part = part };

    private static Network Of(Func<GraphBuilder, Tensor, Tensor> layers)
    {
        var net = new GraphBuilder("test");
        return PartitionCheck.Unfused(net.Build(1, layers(net, net.Input("x", 1, 4, 16, 16))));
    }
}

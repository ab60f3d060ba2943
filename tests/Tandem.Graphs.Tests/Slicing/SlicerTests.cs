using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;

namespace Tandem.Graphs.Tests.Slicing;

public sealed class SlicerTests
{
    private static readonly Share FirstHalf = new(0, 0.5);
    private static readonly Share SecondHalf = new(0.5, 1);

    [Fact]
    public void A_chain_of_convolutions_reads_exactly_its_halo()
    {
        Network network = Of((net, x) => net.Conv(net.Conv(x, 4, 3, pad: 1), 4, 3, pad: 1));
        Slice top = Slicer.Cut(network, 0, 2, SliceAxis.Rows, FirstHalf);
        Slice bottom = Slicer.Cut(network, 0, 2, SliceAxis.Rows, SecondHalf);
        Assert.Equal(new TensorRange(2, 0, 10), top.Inputs[0].Range);
        Assert.Equal(new TensorRange(2, 6, 16), bottom.Inputs[0].Range);
        Assert.Equal(new TensorRange(2, 0, 8), top.Outputs[0].Range);
        Assert.Equal("x@0..10", top.Graph.Inputs[0].Name);
        Assert.Equal([1, 1, 0, 1], top.Graph.Operators[0].GetInts("pads")!);
        Assert.Equal([0, 1, 1, 1], bottom.Graph.Operators[1].GetInts("pads")!);
    }

    [Fact]
    public void Filters_cut_by_channels_share_memory_with_the_whole()
    {
        Network network = Of((net, x) => net.Relu(net.Conv(x, 8, 3)));
        Slice slice = Slicer.Cut(network, 0, 2, SliceAxis.Channels, SecondHalf);
        Constant whole = network.Graph.Constants["Conv_1.weight"];
        Constant cut = slice.Graph.Constants.Values.Single(c => c.Tensor.Shape.Rank == 4);
        Assert.True(whole.Data.Span[(whole.Data.Length / 2)..].Overlaps(cut.Data.Span, out int offset) && offset == 0);
        Assert.True(slice.Inputs[0].Range.IsWhole);
        Assert.Equal(new TensorRange(1, 4, 8), slice.Outputs[0].Range);
    }

    [Fact]
    public void An_addend_of_the_same_shape_is_read_as_a_channel_range()
    {
        Network network = Of((net, x) => net.Add(net.Conv(x, 4, 1), x));
        Slice slice = Slicer.Cut(network, 0, 2, SliceAxis.Channels, FirstHalf);
        Assert.Equal(
            ["x:[:]", "x:[axis 1: 0..2]"], slice.Inputs.Select(i => $"{i.Tensor.Name}:{i.Range}"));
    }

    [Fact]
    public void One_input_with_two_halos_becomes_two_inputs_and_one_inner_tensor_is_sliced()
    {
        Network inputs = Of((net, x) => net.Concat(net.Conv(x, 4, 1), net.Conv(x, 4, 3, pad: 1)));
        Slice slice = Slicer.Cut(inputs, 0, 3, SliceAxis.Rows, FirstHalf);
        Assert.Equal(["x@0..8", "x@0..9"], slice.Graph.Inputs.Select(i => i.Name));
        Assert.DoesNotContain(slice.Graph.Operators, op => op.Type == "Slice");

        Network inner = Of((net, x) =>
        {
            Tensor stem = net.Relu(x);
            return net.Concat(net.Conv(stem, 4, 1), net.Conv(stem, 4, 3, pad: 1));
        });
        slice = Slicer.Cut(inner, 0, 4, SliceAxis.Rows, FirstHalf);
        Assert.Equal(["x@0..9"], slice.Graph.Inputs.Select(i => i.Name));
        Assert.Single(slice.Graph.Operators, op => op.Type == "Slice");
    }

    [Fact]
    public void An_uncut_region_keeps_its_ends_and_names()
    {
        Network network = Of((net, x) => net.Softmax(net.Flatten(net.GlobalAveragePool(net.Conv(net.Relu(x), 8, 3)))));
        Slice slice = Slicer.Cut(network, 1, 4, SliceAxis.None, Share.All);
        Assert.Equal(["Relu_1"], slice.Graph.Inputs.Select(i => i.Name));
        Assert.Equal(["Flatten_1"], slice.Graph.Outputs.Select(o => o.Name));
        Assert.True(slice.Inputs[0].Range.IsWhole && slice.Outputs[0].Range.IsWhole);
        Assert.Equal(3, slice.Graph.Operators.Count);
    }

    [Fact]
    public void Branches_are_cut_by_a_list_of_kernels()
    {
        Network network = Of((net, x) => net.Concat(net.Conv(x, 8, 1), net.Conv(x, 16, 3, pad: 1)));
        Slice slice = Slicer.Cut(network, [0, 1], SliceAxis.Channels, FirstHalf);
        Assert.Equal(
            ["Conv_1[axis 1: 0..4]", "Conv_2[axis 1: 0..8]"], slice.Outputs.Select(o => o.Tensor.Name + o.Range));
    }

    [Fact]
    public void Grouped_convolutions_are_cut_between_groups()
    {
        Network network = Of((net, x) => net.Relu(net.Conv(x, 12, 3, groups: 4)));
        Assert.Equal(3, Slicer.ChannelSteps(network, 0, 2)["Relu_1"]);
        Slice slice = Slicer.Cut(network, 0, 2, SliceAxis.Channels, new Share(0, 0.3));
        Assert.Equal(new TensorRange(1, 0, 3), slice.Outputs[0].Range);
        Assert.Equal(new TensorRange(1, 0, 1), slice.Inputs[0].Range);
    }

    [Theory]
    [InlineData("Softmax", SliceAxis.Channels)]
    [InlineData("LRN", SliceAxis.Channels)]
    [InlineData("Concat", SliceAxis.Channels)]
    [InlineData("Conv", SliceAxis.Channels)]
    [InlineData("InstanceNormalization", SliceAxis.Rows)]
    [InlineData("GlobalAveragePool", SliceAxis.Rows)]
    [InlineData("Flatten", SliceAxis.Rows)]
    [InlineData("Gemm", SliceAxis.Rows)]
    public void What_cannot_be_cut_is_refused_with_the_operator_and_the_reason(string type, SliceAxis axis)
    {
        Network network = Of((net, x) => AfterConvolution(net, net.Conv(x, 4, 3, pad: 1), type));
        int end = network.Kernels.Count;
        Assert.False(Slicer.CanCut(network, 0, end, axis, FirstHalf, out string reason));
        Assert.NotEmpty(reason);
        var exception = Assert.Throws<SlicingException>(() => Slicer.Cut(network, 0, end, axis, FirstHalf));
        Assert.EndsWith(reason, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void A_share_that_holds_nothing_is_refused()
    {
        Network network = Of((net, x) => net.Conv(x, 4, 3));
        Assert.False(Slicer.CanCut(network, 0, 1, SliceAxis.Channels, new Share(0, 0.01), out string reason));
        Assert.Contains("holds none of the 4 channels", reason, StringComparison.Ordinal);
        Assert.False(Slicer.CanCut(network, 0, 1, SliceAxis.Rows, new Share(0.5, 0.5), out reason));
        Assert.Contains("holds none of the 14 rows", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernel_ranges_outside_the_network_are_argument_errors()
    {
        Network network = Of((net, x) => net.Relu(x));
        Assert.Throws<ArgumentOutOfRangeException>(() => Slicer.Cut(network, 0, 2, SliceAxis.None, Share.All));
        Assert.Throws<ArgumentOutOfRangeException>(() => Slicer.Cut(network, 1, 1, SliceAxis.None, Share.All));
    }

    [Fact]
    public void Rows_whose_windows_lie_in_padding_still_read_a_row()
    {
        // Kernel 2 under 3 rows of padding: the first output row sees padding only.
        Network network = Of((net, x) => net.Conv(x, 4, 2, pad: 3));
        Slice slice = Slicer.Cut(network, 0, 1, SliceAxis.Rows, new Share(0, 0.05));
        Assert.Equal(new TensorRange(2, 0, 1), slice.Outputs[0].Range);
        Assert.Equal(new TensorRange(2, 0, 1), slice.Inputs[0].Range);
        new PartitionCheck(network).Run([0], SliceAxis.Rows, PartitionCheck.Shares(0.05, 0.96));
    }

    [Theory]
    [InlineData("SAME_UPPER", 0)]
    [InlineData("SAME_LOWER", 1)]
    public void Automatic_padding_is_resolved_for_the_whole(string mode, long top)
    {
        Network network = Of((net, x) => net.Add(
            "MaxPool", new Shape(1, 4, 16, 16), [x], ("kernel_shape", new AttributeValue.Ints([2, 2])),
            ("auto_pad", new AttributeValue.Text(mode))));
        Slice slice = Slicer.Cut(network, 0, 1, SliceAxis.Rows, FirstHalf);
        Assert.Equal(top, slice.Graph.Operators[0].GetInts("pads")![0]);
        Assert.Equal(0, slice.Graph.Operators[0].GetInts("pads")![2]);
        new PartitionCheck(network).Run([0], SliceAxis.Rows, PartitionCheck.Shares(0.5));
    }

    private static Tensor AfterConvolution(GraphBuilder net, Tensor x, string type) => type switch
    {
        "Softmax" => net.Softmax(x),
        "LRN" => net.Lrn(x),
        "Concat" => net.Concat(x, x),
        "Conv" => net.Conv(x, 4, 1),
        "InstanceNormalization" => net.InstanceNorm(x),
        "GlobalAveragePool" => net.GlobalAveragePool(x),
        "Flatten" => net.Flatten(x),
        _ => net.Gemm(net.Flatten(x), 8),
    };

    private static Network Of(Func<GraphBuilder, Tensor, Tensor> layers)
    {
        var net = new GraphBuilder("test");
        return PartitionCheck.Unfused(net.Build(1, layers(net, net.Input("x", 1, 4, 16, 16))));
    }
}

using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;

namespace Tandem.Graphs.Tests.Slicing;

/// <summary>Operators that the random regions do not throw: one case each, cut every way that is allowed.</summary>
public sealed class OperatorSliceTests
{
    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["LRN"] = new([SliceAxis.Rows], 13, (net, x) => net.Lrn(x, 3)),
        ["softmax over columns"] = new([SliceAxis.Rows, SliceAxis.Channels], 13, (net, x) => net.Softmax(x, 3)),
        ["softmax over channels"] = new([SliceAxis.Rows], 13, (net, x) => net.Softmax(x, 1)),
        ["mean over columns"] = new([SliceAxis.Rows, SliceAxis.Channels], 13, (net, x) => net.Add(
            "ReduceMean", x.Shape.With(3, 1), [x], ("axes", new AttributeValue.Ints([3])))),
        ["mean over rows and columns"] = new([SliceAxis.Channels], 13, (net, x) => net.Add(
            "ReduceMean", new Shape(1, 8, 1, 1), [x], ("axes", new AttributeValue.Ints([-1, -2])))),
        ["depth to space"] = new([SliceAxis.Rows], 13, (net, x) => net.Add(
            "DepthToSpace", new Shape(1, 2, 24, 24), [x], ("blocksize", new AttributeValue.Int(2)))),
        ["space to depth"] = new([SliceAxis.Rows], 13, (net, x) => net.Add(
            "SpaceToDepth", new Shape(1, 32, 6, 6), [x], ("blocksize", new AttributeValue.Int(2)))),
        ["joined columns"] = new([SliceAxis.Rows, SliceAxis.Channels], 13, (net, x) => net.Add(
            "Concat", x.Shape.With(3, 24), [x, net.Relu(x)], ("axis", new AttributeValue.Int(3)))),
        ["crop"] = new([SliceAxis.Rows, SliceAxis.Channels], 7, (net, x) => net.Add(
            "Crop", new Shape(1, 8, 7, 9), [x], ("border", new AttributeValue.Ints([1, 2, 2, 3])))),
        ["image scaler"] = new([SliceAxis.Rows, SliceAxis.Channels], 7, (net, x) => net.Add(
            "ImageScaler", x.Shape, [x], ("scale", new AttributeValue.Float(2)),
            ("bias", new AttributeValue.Floats([1, 2, 3, 4, 5, 6, 7, 8])))),
        ["affine"] = new([SliceAxis.Rows, SliceAxis.Channels], 7, (net, x) => net.Add(
            "Affine", x.Shape, [x], ("alpha", new AttributeValue.Float(2)), ("beta", new AttributeValue.Float(3)))),
        ["upsample"] = new([SliceAxis.Rows, SliceAxis.Channels], 7, (net, x) => net.Add(
            "Upsample", new Shape(1, 8, 24, 24), [x], ("scales", new AttributeValue.Floats([1, 1, 2, 2])))),
        ["upsample that rounds to a whole number"] = new([SliceAxis.Channels], 7, (net, x) => net.Add(
            "Upsample", new Shape(1, 8, 24, 24), [x], ("scales", new AttributeValue.Floats([1, 1, 2.05f, 2])))),
        ["padding by attribute"] = new([SliceAxis.Rows, SliceAxis.Channels], 7, (net, x) => net.Conv(
            net.Add(
                "Pad", new Shape(1, 8, 16, 14), [x], ("pads", new AttributeValue.Ints([0, 0, 3, 1, 0, 0, 1, 1])),
                ("mode", new AttributeValue.Text("reflect"))),
            8, 3, groups: 8)),
        ["two readers before opset 10"] = new([SliceAxis.Rows], 7, (net, x) =>
        {
            Tensor y = net.Relu(x);
            return net.Concat(net.Conv(y, 2, 1), net.Conv(y, 2, 5, pad: 2));
        }),
        ["transposed convolution, output shape"] = new([SliceAxis.Rows, SliceAxis.Channels], 13, (net, x) => net.Add(
            "ConvTranspose", new Shape(1, 6, 24, 26), [x, net.Weight("w", 8, 6, 3, 3), net.Weight("b", 6)],
            ("strides", new AttributeValue.Ints([2, 2])), ("output_shape", new AttributeValue.Ints([24, 26])))),
        ["transposed convolution, same"] = new([SliceAxis.Rows, SliceAxis.Channels], 13, (net, x) => net.Add(
            "ConvTranspose", new Shape(1, 6, 24, 24), [x, net.Weight("w", 8, 6, 3, 3)],
            ("strides", new AttributeValue.Ints([2, 2])), ("auto_pad", new AttributeValue.Text("SAME_UPPER")))),
        ["channel shuffle"] = new([SliceAxis.Rows], 13, Shuffle),
        ["per-element constant"] = new([SliceAxis.Rows, SliceAxis.Channels], 13, (net, x) =>
            net.Add(x, net.Weight("addend", 8, 12, 12))),
        ["gate of one row"] = new([SliceAxis.Rows, SliceAxis.Channels], 13, (net, x) =>
            net.Mul(net.Relu(x), net.Weight("gate", 1, 8, 1, 12))),
        ["gemm"] = new([SliceAxis.Channels], 13, (net, x) => net.Relu(net.Gemm(net.Flatten(x), 10))),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Slices_equal_the_whole(string name)
    {
        (IReadOnlyList<SliceAxis> axes, int opset, Func<GraphBuilder, Tensor, Tensor> layer) = Cases[name];
        var net = new GraphBuilder("case");
        Tensor y = layer(net, net.Input("x", 1, 8, 12, 12));
        Graph modern = net.Build(1, y);
        var graph = new Graph(
            modern.Name, new Dictionary<string, int> { [""] = opset }, modern.Inputs, [y.Name], modern.Operators,
            modern.Constants.Values);
        var network = PartitionCheck.Unfused(graph);
        int[] kernels = name == "gemm" ? [1, 2] : [.. Enumerable.Range(0, network.Kernels.Count)];
        var check = new PartitionCheck(network);
        foreach (SliceAxis axis in axes)
        {
            foreach (double cut in (double[])[0.5, 0.15, 0.9])
            {
                check.Run(kernels, axis, PartitionCheck.Shares(cut));
            }
        }
        foreach (SliceAxis axis in ((SliceAxis[])[SliceAxis.Rows, SliceAxis.Channels]).Except(axes))
        {
            Assert.False(Slicer.CanCut(network, kernels, axis, new Share(0, 0.5), out _));
        }
    }

    private static Tensor Shuffle(GraphBuilder net, Tensor x)
    {
        Tensor apart = net.Constant(Constant.Of<long>("apart", ElementType.Int64, new Shape(5), [1, 2, 4, 12, 12]));
        Tensor joined = net.Constant(Constant.Of<long>("joined", ElementType.Int64, new Shape(4), [1, 8, 12, 12]));
        Tensor y = net.Add("Reshape", new Shape(1, 2, 4, 12, 12), [net.DepthwiseConv(x, 3, 1, 1), apart]);
        y = net.Add("Transpose", new Shape(1, 4, 2, 12, 12), [y], ("perm", new AttributeValue.Ints([0, 2, 1, 3, 4])));
        return net.DepthwiseConv(net.Add("Reshape", x.Shape, [y, joined]), 3, 1, 1);
    }

    private sealed record Case(IReadOnlyList<SliceAxis> Axes, int Opset, Func<GraphBuilder, Tensor, Tensor> Layer);
}

using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Kernels;
using Tandem.Profiling.Sampling;

namespace Tandem.Profiling.Tests.Sampling;

public sealed class DrawnKernelTests
{
    private const int Many = 250;

    private static readonly DrawnKernel[] Kernels = [.. DrawnKernel.Draw(1).Take(Many)];

    [Fact]
    public void Kernels_are_valid_networks_whose_shapes_are_those_that_inference_finds()
    {
        foreach (DrawnKernel kernel in Kernels.Take(80))
        {
            Slice slice = kernel.Build();
            Graph read = OnnxFile.Parse(OnnxFile.Serialize(slice.Graph), "read");
            Assert.Equal(slice.Graph.Outputs.Select(o => o.Shape), read.Outputs.Select(o => o.Shape));
            Assert.Equal(GraphSignature.Of(slice.Graph), GraphSignature.Of(read));
        }
    }

    [Fact]
    public void Equal_seeds_draw_equal_kernels_and_fewer_are_the_first_of_more()
    {
        Assert.Equal(
            Kernels.Take(60).Select(k => (k.Key, k.Configuration, k.Slice)),
            DrawnKernel.Draw(1).Take(60).Select(k => (k.Key, k.Configuration, k.Slice)));
        Assert.NotEqual(Kernels.Take(60).Select(k => k.Key), DrawnKernel.Draw(2).Take(60).Select(k => k.Key));
        Assert.Equal(Many, Kernels.DistinctBy(k => k.Key).Count());
    }

    [Fact]
    public void Configuration_says_what_the_built_slice_computes()
    {
        foreach (DrawnKernel kernel in Kernels.Take(80))
        {
            Graph graph = kernel.Build().Graph;
            Assert.Equal(string.Join('+', graph.Operators.Select(op => op.Type)), kernel.Configuration.Operators);
            if (kernel.Slice.Axis == SliceAxis.None && graph.Outputs[0].Shape.Rank == 4)
            {
                Assert.Equal(graph.Outputs[0].Shape[1], kernel.Configuration.Shape.Channels);
            }
            Assert.Equal(kernel.Slice.Axis == SliceAxis.Rows, kernel.Configuration.IsDividedByRows);
            Assert.True(KernelConfiguration.TryParse(kernel.Configuration.ToString(), out KernelConfiguration read));
            Assert.Equal(kernel.Configuration, read);
        }
    }

    [Fact]
    public void Sizes_are_those_of_vision_networks_and_of_their_slices()
    {
        KernelConfiguration[] convolutions =
            [.. Kernels.Select(k => k.Configuration).Where(c => c.Shape is { Weights: > 0, Groups: 1 } && c.Shape.Type.StartsWith("conv", StringComparison.Ordinal))];
        Assert.All(convolutions, c => Assert.InRange(c.Shape.InputRows, 1, 224));
        Assert.All(convolutions, c => Assert.InRange(c.Shape.Channels, 1, 1024));
        Assert.All(Kernels, k => Assert.InRange(k.Configuration.Shape.Work, 1, 1e9));
        Assert.Contains(convolutions, c => c.Shape.Channels % 4 != 0);
        Assert.Contains(convolutions, c => c.Shape.Channels % 16 == 0);
        Assert.Contains(Kernels, k => k.Configuration.IsDividedByRows);
        Assert.Contains(Kernels, k => k.Configuration.Inputs > 1);
        foreach (string type in new[] { "conv 1x1", "conv 3x3", "conv depthwise", "conv strided", "conv", "product", "pooling", "Add", "Concat" })
        {
            Assert.Contains(Kernels, k => k.Configuration.Shape.Type == type);
        }
    }
}

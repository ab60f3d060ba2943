using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>The kernels as they are built for GPUs (one element for a work-item, no vectors), on whatever device there is.</summary>
public sealed class GpuKernelTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    [Fact]
    public void Kernels_for_gpus_equal_reference()
    {
        OpenClFixture.RequireDevice();
        Graph graph = new GraphSketch().Input("x", 1, 6, 12, 10)
            .Weights("w", [10, 6, 3, 3]).Weights("d", [10, 1, 3, 3]).Weights("v", [10, 10, 1, 1]).Weights("t", [10, 2, 2, 2])
            .Weights("s", [2]).Weights("b", [2]).Weights("m", [40, 7]).Ints("flat", 6, 40).Ints("pads", 0, 0, 1, 1, 0, 0, 1, 1)
            .Op("Conv", "x w", "c1", ("pads", new[] { 1, 1, 1, 1 })).Op("Relu", "c1", "r1")
            .Op("Conv", "r1 d", "c2", ("group", 10), ("pads", new[] { 1, 1, 1, 1 }))
            .Op("Conv", "c2 v", "c3").Op("Add", "c3 r1", "a").Op("Relu", "a", "r2")
            .Op("MaxPool", "r2", "p", ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 }))
            .Op("AveragePool", "p", "q", ("kernel_shape", new[] { 3, 2 }), ("pads", new[] { 1, 0, 1, 0 }))
            .Op("ConvTranspose", "q t", "u", ("strides", new[] { 2, 2 }))
            .Op("InstanceNormalization", "u s b", "n").Op("LRN", "n", "l", ("size", 3))
            .Op("Pad", "l pads", "e").Op("Softmax", "e", "f", ("axis", 1))
            .Op("Transpose", "f", "g", ("perm", new[] { 0, 2, 3, 1 })).Op("ReduceMean", "g", "y", ("axes", new[] { 3 }), ("keepdims", 0))
            .Op("GlobalAveragePool", "r2", "z").Build("y z a");
        CheckOn(graph);
    }

    [Fact]
    public void Matrix_products_for_gpus_equal_reference()
    {
        OpenClFixture.RequireDevice();
        CheckOn(new GraphSketch().Input("x", 7, 40).Weights("w", [40, 9]).Weights("b", [9]).Input("v", 9, 5)
            .Op("Gemm", "x w b", "g").Op("Sigmoid", "g", "s").Op("MatMul", "s v", "y").Build());
    }

    private void CheckOn(Graph graph)
    {
        using var processor = new OpenClProcessor(OpenClFixture.Options() with { TreatAsGpu = true });
        float[][] inputs = GraphSketch.Values(graph);
        float[][] expected = SliceRunner.Run(Fixture.Reference, graph, inputs);
        float[][] actual = SliceRunner.Run(processor, graph, inputs);
        for (int i = 0; i < expected.Length; i++)
        {
            Compare.CloseToScale(expected[i], actual[i], Tolerance);
        }
    }
}

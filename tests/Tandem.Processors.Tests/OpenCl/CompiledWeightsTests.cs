using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tandem.Graphs;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Compiled slices have weights in a form of their own, so they must not keep those that they were made of.</summary>
public sealed class CompiledWeightsTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const int Channels = 64;

    [Fact]
    public void OnnxRuntime_keeps_no_second_copy() => RequireFreed(Fixture.Reference);

    [Fact]
    public void OpenCl_keeps_no_second_copy() => RequireFreed(Fixture.Processor);

    private static void RequireFreed(IProcessor processor)
    {
        (ICompiledSlice slice, WeakReference weights) = Compile(processor);
        using (slice)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            Assert.False(weights.IsAlive);
            Assert.Empty(slice.Graph.Constants);
            Assert.Equal(Channels, slice.Graph.Tensors["w"].Shape[0]);
            RequireSums(slice);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (ICompiledSlice Slice, WeakReference Weights) Compile(IProcessor processor)
    {
        byte[] ones = new byte[Channels * Channels * sizeof(float)];
        MemoryMarshal.Cast<byte, float>(ones.AsSpan()).Fill(1);
        var graph = new Graph(
            "sum",
            new Dictionary<string, int> { [""] = 13 },
            [new Tensor("x", ElementType.Float32, new Shape(1, Channels, 4, 4))],
            ["y"],
            [new Operator("conv", "Conv", ["x", "w"], ["y"])],
            [new Constant(new Tensor("w", ElementType.Float32, new Shape(Channels, Channels, 1, 1)), ones)]);
        return (processor.Compile(graph), new WeakReference(ones));
    }

    private static void RequireSums(ICompiledSlice slice)
    {
        using var x = new SharedBuffer(slice.Graph.Inputs[0].SizeInBytes);
        using var y = new SharedBuffer(slice.Graph.Outputs[0].SizeInBytes);
        x.AsSpan<float>().Fill(0.5f);
        using IBoundSlice bound = slice.Bind(
            [new TensorView(x, 0, slice.Graph.Inputs[0], TensorRange.Whole)], [new TensorView(y, 0, slice.Graph.Outputs[0], TensorRange.Whole)]);
        bound.Run();
        Assert.All(y.AsSpan<float>().ToArray(), sum => Assert.Equal(0.5 * Channels, sum, 1e-3));
    }
}

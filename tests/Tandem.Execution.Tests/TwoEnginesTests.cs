using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Processors;
using Tandem.Processors.OpenCl;

namespace Tandem.Execution.Tests;

/// <summary>OpenCL on two cores at once: PoCL's devices share tables within the process.</summary>
public sealed class TwoEnginesTests
{
    [Fact]
    public void Same_kernel_runs_in_small_and_large_grids_on_both_devices_at_once()
    {
        int last = Environment.ProcessorCount - 1;
        OpenClDeviceList found = OpenClDevice.Enumerate([last], [0]);
        Assert.SkipUnless(found.Devices.Count(d => d.IsCpuBacked) > 1, "no two CPU-backed OpenCL devices");
        using var first = new OpenClProcessor(new OpenClProcessorOptions { Name = "first", Cores = [last], Type = OpenClDeviceType.Cpu });
        using var second = new OpenClProcessor(new OpenClProcessorOptions { Name = "second", Cores = [0], Type = OpenClDeviceType.Cpu });
        RunTogether(first.Compile(Relu(32)), second.Compile(Relu(2048)), first.Compile(Relu(2048)), second.Compile(Relu(32)));
    }

    private static void RunTogether(params ICompiledSlice[] slices)
    {
        float[][] outputs = new float[slices.Length][];
        using var together = new Barrier(slices.Length);
        Thread[] threads = [.. slices.Select((slice, i) => new Thread(() => outputs[i] = Run(slice, together)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(outputs, output => Assert.DoesNotContain(output, value => value != 0.25f));
        Array.ForEach(slices, slice => slice.Dispose());
    }

    private static float[] Run(ICompiledSlice slice, Barrier together)
    {
        Tensor x = slice.Graph.Inputs[0];
        Tensor y = slice.Graph.Outputs[0];
        using var from = new SharedBuffer(x.SizeInBytes);
        using var to = new SharedBuffer(y.SizeInBytes);
        from.AsSpan<float>().Fill(0.25f);
        using IBoundSlice bound = slice.Bind(
            [new TensorView(from, 0, x, TensorRange.Whole)], [new TensorView(to, 0, y, TensorRange.Whole)]);
        for (int run = 0; run < 300; run++)
        {
            together.SignalAndWait();
            bound.Run();
        }
        return to.AsSpan<float>().ToArray();
    }

    private static Graph Relu(int extent)
    {
        var net = new GraphBuilder($"relu of {extent}");
        return net.Build(1, net.Relu(net.Input("x", 1, 1, extent, extent)));
    }
}

using Tandem.Graphs;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Processors;

namespace Tandem.Profiling;

/// <summary>
/// Measures how many times longer a processor takes while the others stream memory: once for what waits for memory itself, once
/// for what computes from its caches.
/// </summary>
internal sealed class ContentionProfiler(ProfilingOptions options)
{
    // Larger than a core's share of the caches: 16 MB are read and as many written by each processor.
    private const int StreamedRows = 1024;
    private const int StreamedColumns = 4096;

    // One comparison on a machine that other programs use says little.
    private const int Rounds = 5;

    // A convolution with some megaflops of work on data that fit any core's cache.
    private const int ComputedChannels = 64;
    private const int ComputedExtent = 28;

    /// <summary>Both factors, each 1 at least; null where a processor cannot run what is measured with.</summary>
    /// <param name="processor">The processor that is slowed.</param>
    /// <param name="others">Those that stream meanwhile.</param>
    public (double Memory, double Compute)? Measure(IProcessor processor, IReadOnlyList<IProcessor> others)
    {
        try
        {
            List<double> memory = [];
            List<double> compute = [];
            // Alone and together in turns, so that a machine that becomes slower meanwhile is not taken for contention.
            for (int round = 0; round < Rounds; round++)
            {
                (double Memory, double Compute) alone = Latencies(processor);
                (double Memory, double Compute) together = default;
                WhileStreaming(others, () => together = Latencies(processor));
                memory.Add(together.Memory / alone.Memory);
                compute.Add(together.Compute / alone.Compute);
            }
            // Memory that is shared fairly makes nobody slower than by the number of those who share it: more is another program's doing.
            return (Factor(memory, 1 + others.Count), Factor(compute, 1 + others.Count));
        }
        catch (SliceRefusedException)
        {
            return null;
        }
    }

    /// <summary>The median; 1 where nothing took any time.</summary>
    private static double Factor(List<double> ratios, double most)
    {
        double median = LatencyStatistics.Of(ratios).MedianMs;
        return double.IsFinite(median) ? Math.Clamp(median, 1, most) : 1;
    }

    private (double Memory, double Compute) Latencies(IProcessor processor)
    {
        (double Memory, double Compute) latencies = default;
        ProcessorThread.Run(processor, () => latencies = (
            SliceTimer.Measure(processor, Stream(), options).Total.MedianMs,
            SliceTimer.Measure(processor, Computation(), options).Total.MedianMs));
        return latencies;
    }

    /// <summary>Runs an action while other processors stream, each on a thread of its own.</summary>
    private static void WhileStreaming(IReadOnlyList<IProcessor> others, Action action)
    {
        using var stop = new CancellationTokenSource();
        using var ready = new CountdownEvent(others.Count);
        ProcessorThread[] threads = [.. others.Select(other =>
        {
            int isCounted = 0;
            void Count()
            {
                if (Interlocked.Exchange(ref isCounted, 1) == 0)
                {
                    ready.Signal();
                }
            }
            // A processor that cannot be entered, or refuses the stream, must not leave the others waiting.
            return new ProcessorThread(other, () => SliceTimer.RunUntil(other, Stream(), Count, stop.Token), Count);
        })];
        try
        {
            ready.Wait(CancellationToken.None);
            action();
        }
        finally
        {
            stop.Cancel();
            foreach (ProcessorThread thread in threads)
            {
                thread.Join();
            }
        }
    }

    private static Slice Stream() => Single(
        "stream", new Shape(1, 1, StreamedRows, StreamedColumns), new Operator("relu", "Relu", ["x"], ["y"]), []);

    private static Slice Computation()
    {
        var weights = new float[ComputedChannels * ComputedChannels];
        Array.Fill(weights, 1f / ComputedChannels);
        return Single(
            "computation",
            new Shape(1, ComputedChannels, ComputedExtent, ComputedExtent),
            new Operator("conv", "Conv", ["x", "w"], ["y"]),
            [Constant.Of<float>("w", ElementType.Float32, new Shape(ComputedChannels, ComputedChannels, 1, 1), weights)]);
    }

    private static Slice Single(string name, Shape input, Operator op, IEnumerable<Constant> constants)
    {
        var graph = new Graph(
            name, new Dictionary<string, int> { [""] = 13 }, [new Tensor("x", ElementType.Float32, input)], ["y"], [op], constants);
        return new Slice(
            graph, [new SliceEnd(graph.Inputs[0], TensorRange.Whole)], [new SliceEnd(graph.Outputs[0], TensorRange.Whole)]);
    }
}

using System.Diagnostics;
using Tandem.Graphs;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Processors;

namespace Tandem.Profiling;

/// <summary>Times one slice on one processor, alone, on memory of its own with seeded random contents.</summary>
internal static class SliceTimer
{
    /// <summary>
    /// Compiles and runs a slice. Gives the statistics of its runs, and of the part of them that went into getting inputs in and
    /// outputs out. Call it on a thread that has entered the processor.
    /// </summary>
    /// <exception cref="SliceRefusedException">The processor cannot run it.</exception>
    public static (LatencyStatistics Total, LatencyStatistics Transfers) Measure(
        IProcessor processor, Slice slice, ProfilingOptions options, bool isHalf = false) =>
        Measure(processor, slice, options, static (_, _) => { }, isHalf);

    /// <summary>The same with what the host does beside each run, which counts.</summary>
    /// <exception cref="SliceRefusedException">The processor cannot run it.</exception>
    public static (LatencyStatistics Total, LatencyStatistics Transfers) Measure(
        IProcessor processor, Slice slice, ProfilingOptions options, Action<TensorView[], TensorView[]> beside, bool isHalf = false)
    {
        LatencyStatistics total = default;
        List<double> transfers = [];
        WithBound(processor, slice, isHalf, (bound, inputs, outputs) => total = Repeat(
            () =>
            {
                transfers.Add(TransferMs(bound.Run()));
                beside(inputs, outputs);
            },
            options));
        return (total, LatencyStatistics.Of(transfers));
    }

    /// <summary>Compiles a slice and runs it again and again until it is cancelled.</summary>
    /// <param name="processor">The processor, which the thread has entered.</param>
    /// <param name="slice">The slice.</param>
    /// <param name="started">Called after the first run.</param>
    /// <param name="cancellation">Ends it between two runs.</param>
    /// <exception cref="SliceRefusedException">The processor cannot run it.</exception>
    public static void RunUntil(IProcessor processor, Slice slice, Action started, CancellationToken cancellation) =>
        WithBound(processor, slice, isHalf: false, (bound, _, _) =>
        {
            bound.Run();
            started();
            while (!cancellation.IsCancellationRequested)
            {
                bound.Run();
            }
        });

    private static void WithBound(IProcessor processor, Slice slice, bool isHalf, Action<IBoundSlice, TensorView[], TensorView[]> use)
    {
        using ICompiledSlice compiled = isHalf ? processor.CompileHalf(slice.Graph) : processor.Compile(slice.Graph);
        TensorView[] inputs = [.. slice.Inputs.Select(end => Allocate(processor, end))];
        TensorView[] outputs = [.. slice.Outputs.Select(end => Allocate(processor, end))];
        try
        {
            foreach (TensorView input in inputs)
            {
                FillRandomly(input);
            }
            using IBoundSlice bound = compiled.Bind(inputs, outputs);
            use(bound, inputs, outputs);
        }
        finally
        {
            foreach (TensorView view in inputs.Concat(outputs))
            {
                view.Buffer.Dispose();
            }
        }
    }

    /// <summary>Statistics of an action, after one run that is not counted.</summary>
    public static LatencyStatistics Repeat(Action action, ProfilingOptions options)
    {
        action();
        List<double> times = new(options.MaxRuns);
        double sum = 0;
        while (times.Count < options.MinRuns
            || (times.Count < options.MaxRuns && sum < options.PerKernel.TotalMilliseconds))
        {
            long start = Stopwatch.GetTimestamp();
            action();
            double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            times.Add(elapsed);
            sum += elapsed;
        }
        return LatencyStatistics.Of(times);
    }

    private static double TransferMs(RunTiming timing) =>
        (timing.GatherTicks + timing.ScatterTicks) * 1000.0 / Stopwatch.Frequency;

    /// <summary>Memory for one end of a slice; whoever asks disposes its buffer.</summary>
    internal static TensorView Allocate(IProcessor processor, SliceEnd end) =>
        new(SharedBuffer.For([processor], end.Tensor.SizeInBytes), 0, end.Tensor, end.Range);

    /// <summary>Fills a tensor of floats with seeded numbers.</summary>
    internal static void FillRandomly(TensorView view)
    {
        if (view.Tensor.Type != ElementType.Float32)
        {
            return;
        }
        var random = new Random(17);
        foreach (ref float element in view.Buffer.AsSpan<float>())
        {
            element = random.NextSingle() * 2 - 1;
        }
    }
}

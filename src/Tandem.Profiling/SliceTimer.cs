using System.Diagnostics;
using Tandem.Graphs;
using Tandem.Prediction;
using Tandem.Processors;

namespace Tandem.Profiling;

/// <summary>Times one slice on one processor, alone, on memory of its own with seeded random contents.</summary>
internal static class SliceTimer
{
    /// <summary>Compiles and runs a slice and gives its statistics. Call it on a thread that has entered the processor.</summary>
    /// <exception cref="SliceRefusedException">The processor cannot run it.</exception>
    public static LatencyStatistics Measure(IProcessor processor, Graph slice, ProfilingOptions options)
    {
        using ICompiledSlice compiled = processor.Compile(slice);
        TensorView[] inputs = [.. slice.Inputs.Select(Allocate)];
        TensorView[] outputs = [.. slice.Outputs.Select(Allocate)];
        try
        {
            foreach (TensorView input in inputs)
            {
                FillRandomly(input);
            }
            using IBoundSlice bound = compiled.Bind(inputs, outputs);
            return Repeat(() => bound.Run(), options);
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

    private static TensorView Allocate(Tensor tensor) =>
        new(new SharedBuffer(tensor.SizeInBytes), 0, tensor, TensorRange.Whole);

    private static void FillRandomly(TensorView view)
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

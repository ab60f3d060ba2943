using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using Tandem.Graphs;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Processors.Links;

namespace Tandem.Profiling;

/// <summary>Measures what lies between processors: handing over, launching, copying rows, reading memory, and how they slow each other there.</summary>
public sealed class LinkProfiler
{
    private const int HandOvers = 2000;
    private const int CopiedBytes = 1 << 24;

    private readonly ProfilingOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a profiler.</summary>
    public LinkProfiler(ProfilingOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>Measures every cost and adds it to the profile.</summary>
    /// <param name="processors">The processors that work side by side.</param>
    /// <param name="profile">Gets the costs.</param>
    public void Measure(IReadOnlyList<IProcessor> processors, Profile profile)
    {
        if (processors.FirstOrDefault(p => p.Info.Worker != processors[0].Info.Worker) is { } other)
        {
            double microseconds = HandOverMicroseconds(processors[0], other);
            profile.Add(Cost(CostNames.Memory, CostNames.HandOver, microseconds, "us"));
        }
        foreach (IProcessor processor in processors)
        {
            ProcessorThread.Run(processor, () => MeasureLaunch(processor, profile));
        }
        ProcessorThread.Run(processors[0], () => MeasureMemory(profile));
        foreach (IProcessor processor in processors)
        {
            MeasureContention(processor, processors, profile);
        }
    }

    private void MeasureContention(IProcessor processor, IReadOnlyList<IProcessor> all, Profile profile)
    {
        // Engines of the same hardware take turns and never run at once: of the others too, one of each streams.
        IProcessor[] others = [.. all.Where(other => other.Info.Worker != processor.Info.Worker).DistinctBy(other => other.Info.Worker)];
        if (others.Length > 0 && new ContentionProfiler(_options).Measure(processor, others) is var (memory, compute))
        {
            profile.Add(Cost(processor.Info.Key, CostNames.MemoryContention, memory, "times"));
            profile.Add(Cost(processor.Info.Key, CostNames.ComputeContention, compute, "times"));
        }
    }

    /// <summary>
    /// The time from one worker thread's signal to the other's going on, in microseconds: the median over round trips of half
    /// of each.
    /// </summary>
    public static double HandOverMicroseconds(IProcessor first, IProcessor second)
    {
        using var signals = new StepSignals(2, 2);
        var roundTrips = new double[HandOvers];
        // A processor that cannot be entered must not leave the other thread waiting.
        void Stop() => signals.Break(HandOvers);
        var echo = new ProcessorThread(
            second,
            () =>
            {
                for (int run = 1; run <= HandOvers && signals.Wait(1, 0, run); run++)
                {
                    signals.Publish(1, run);
                }
            },
            Stop);
        var timer = new ProcessorThread(
            first,
            () =>
            {
                for (int run = 1; run <= HandOvers; run++)
                {
                    long start = Stopwatch.GetTimestamp();
                    signals.Publish(0, run);
                    if (!signals.Wait(0, 1, run))
                    {
                        return;
                    }
                    roundTrips[run - 1] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                }
            },
            Stop);
        JoinBoth(timer, echo);
        return LatencyStatistics.Of(roundTrips).MedianMs / 2;
    }

    private static void JoinBoth(ProcessorThread first, ProcessorThread second)
    {
        try
        {
            first.Join();
        }
        finally
        {
            second.Join();
        }
    }

    private void MeasureLaunch(IProcessor processor, Profile profile)
    {
        try
        {
            (LatencyStatistics total, LatencyStatistics transfers) = SliceTimer.Measure(processor, SmallestSlice(), _options);
            profile.Add(Cost(processor.Info.Key, CostNames.Launch, total.MedianMs * 1000, "us"));
            profile.Add(Cost(processor.Info.Key, CostNames.Map, transfers.MedianMs * 1000, "us"));
        }
        catch (SliceRefusedException)
        {
            // A processor without Relu launches something else; what that costs is part of its kernels' samples.
        }
    }

    private static Slice SmallestSlice()
    {
        var graph = new Graph(
            "launch",
            new Dictionary<string, int> { [""] = 13 },
            [new Tensor("x", ElementType.Float32, new Shape(1, 1, 1, 16))],
            ["y"],
            [new Operator("relu", "Relu", ["x"], ["y"])],
            []);
        return new Slice(
            graph, [new SliceEnd(graph.Inputs[0], TensorRange.Whole)], [new SliceEnd(graph.Outputs[0], TensorRange.Whole)]);
    }

    private void MeasureMemory(Profile profile)
    {
        using var from = new SharedBuffer(CopiedBytes);
        using var to = new SharedBuffer(CopiedBytes);
        double copyMs = SliceTimer.Repeat(() => CopyRows(from, to), _options).MedianMs;
        profile.Add(Cost(CostNames.Memory, CostNames.RowCopy, CopiedBytes / 2 / (copyMs * 1e6), "GB/s"));
        long sum = 0;
        double readMs = SliceTimer.Repeat(() => sum += Sum(from), _options).MedianMs;
        profile.Add(Cost(CostNames.Memory, CostNames.ReadBandwidth, CopiedBytes / (readMs * 1e6), "GB/s"));
    }

    private Measurement Cost(string subject, string name, double value, string unit) =>
        new(subject, name, value, unit, _time.GetUtcNow());

    /// <summary>Half the rows of a 56 x 56 tensor with very many channels, from a whole tensor into a packed one.</summary>
    private static unsafe void CopyRows(SharedBuffer from, SharedBuffer to)
    {
        const int PlaneBytes = 56 * 56 * sizeof(float);
        for (int plane = 0; plane < CopiedBytes / PlaneBytes; plane++)
        {
            Buffer.MemoryCopy(from.Pointer + plane * PlaneBytes, to.Pointer + plane * PlaneBytes / 2, PlaneBytes / 2, PlaneBytes / 2);
        }
    }

    private static long Sum(SharedBuffer buffer)
    {
        var total = Vector<long>.Zero;
        foreach (Vector<long> part in MemoryMarshal.Cast<long, Vector<long>>(buffer.AsSpan<long>()))
        {
            total += part;
        }
        return Vector.Sum(total);
    }
}

using Tandem.Graphs;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Processors;

namespace Tandem.Profiling;

/// <summary>
/// Chooses by what it costs how processors share tensors with the host, where they have several ways. The choice follows from what the
/// profile keeps and is not made anew each time: samples of kernels hold for the way that they were measured with.
/// </summary>
public sealed class HandOverProfiler
{
    // 16 x 128 x 128 floats: a megabyte, as much as steps of usual networks hand to each other.
    private const int Channels = 16;
    private const int Extent = 128;
    private const int FloatsOfCacheLine = 16;

    private readonly ProfilingOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a profiler.</summary>
    public HandOverProfiler(ProfilingOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>Tells processors to share tensors in the ways that a profile knows to cost the least.</summary>
    public static void Apply(Profile profile, IEnumerable<IProcessor> processors)
    {
        foreach (IHandOverChoice processor in processors.OfType<IHandOverChoice>())
        {
            Measurement? least = profile.Costs
                .Where(c => c.Subject == processor.Info.Key && c.Unit != CostNames.FailedUnit)
                .Where(c => processor.HandOvers.Any(way => CostNames.HandOverBy(way) == c.Name))
                .MinBy(c => c.Value);
            if (least is not null)
            {
                processor.HandOver = processor.HandOvers.First(way => CostNames.HandOverBy(way) == least.Name);
            }
        }
    }

    /// <summary>Measures the ways that the profile lacks, and tells the processors which costs the least.</summary>
    public void Choose(IReadOnlyList<IProcessor> processors, Profile profile)
    {
        foreach (IHandOverChoice processor in processors.OfType<IHandOverChoice>().Where(p => p.HandOvers.Count > 1))
        {
            string[] unknown = [.. processor.HandOvers.Where(way => _options.Again || !IsKnown(profile, processor, way))];
            if (unknown.Length > 0)
            {
                ProcessorThread.Run(processor, () => Array.ForEach(unknown, way => profile.Add(Measure(processor, way))));
            }
        }
        Apply(profile, processors);
    }

    private Measurement Measure(IHandOverChoice processor, string way)
    {
        string before = processor.HandOver;
        try
        {
            processor.HandOver = way;
            double milliseconds = SliceTimer.Measure(processor, PoolingSlice(), _options, Exchange).Total.MedianMs;
            return Cost(processor, way, milliseconds * 1000, "us");
        }
        catch (ProcessorFailedException)
        {
            // What a driver offers may still not work, such as memory that it has too little of; the other ways remain.
            processor.HandOver = before;
            return Cost(processor, way, 0, CostNames.FailedUnit);
        }
    }

    /// <summary>Reads what the processor wrote and writes what it will read, as another processor would.</summary>
    private static void Exchange(TensorView[] inputs, TensorView[] outputs)
    {
        Span<float> from = outputs[0].Buffer.AsSpan<float>(), to = inputs[0].Buffer.AsSpan<float>();
        for (int i = 0; i < from.Length; i += FloatsOfCacheLine)
        {
            to[i] = from[i];
        }
    }

    /// <summary>A kernel that reads its input several times, as most do: memory that is slow for the device then counts.</summary>
    private static Slice PoolingSlice()
    {
        var attributes = new Dictionary<string, AttributeValue>
        {
            ["kernel_shape"] = new AttributeValue.Ints([3, 3]),
            ["pads"] = new AttributeValue.Ints([1, 1, 1, 1]),
        };
        var graph = new Graph(
            "hand-over",
            new Dictionary<string, int> { [""] = 13 },
            [new Tensor("x", ElementType.Float32, new Shape(1, Channels, Extent, Extent))],
            ["y"],
            [new Operator("pool", "MaxPool", ["x"], ["y"], attributes)],
            []);
        return new Slice(
            graph, [new SliceEnd(graph.Inputs[0], TensorRange.Whole)], [new SliceEnd(graph.Outputs[0], TensorRange.Whole)]);
    }

    private static bool IsKnown(Profile profile, IHandOverChoice processor, string way) =>
        profile.Cost(processor.Info.Key, CostNames.HandOverBy(way), -1) >= 0;

    private Measurement Cost(IHandOverChoice processor, string way, double value, string unit) =>
        new(processor.Info.Key, CostNames.HandOverBy(way), value, unit, _time.GetUtcNow());
}

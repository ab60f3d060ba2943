using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Prediction.Kernels;
using Tandem.Prediction.Store;
using Tandem.Processors;

namespace Tandem.Profiling;

/// <summary>
/// Measures what a planner must know of a network on this device: every distinct kernel, whole and (where processors can share
/// it) half of its channels and half of its rows, and the whole network, alone on each processor.
/// </summary>
public sealed class NetworkProfiler
{
    private readonly ProfilingOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a profiler.</summary>
    public NetworkProfiler(ProfilingOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>Measures what the profile lacks and adds it there.</summary>
    /// <param name="network">The network.</param>
    /// <param name="cooperating">Processors to measure kernel by kernel and whole.</param>
    /// <param name="whole">Processors to measure on the whole network only, because they never share it.</param>
    /// <param name="profile">Gets the samples and the refusals.</param>
    /// <param name="progress">Told before each measurement.</param>
    /// <param name="cancellation">Stops between two measurements; what was measured is kept.</param>
    /// <exception cref="TandemException">The time limit was reached before every kernel was measured once.</exception>
    public void Measure(
        Network network,
        IReadOnlyList<IProcessor> cooperating,
        IReadOnlyList<IProcessor> whole,
        Profile profile,
        IProgress<ProfilingProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Measure(network, [.. List(network, cooperating, whole, cooperating.Count > 1)], slice => slice, profile, progress, cancellation);

    /// <summary>
    /// Measures what the profile lacks of a network on 8-bit integer kernels: whole on each processor and, on those that share it, each
    /// distinct kernel whole, half of its channels, and half of its rows where that is asked for.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="cooperating">Processors to measure kernel by kernel and whole.</param>
    /// <param name="whole">Processors to measure on the whole network only.</param>
    /// <param name="quantize">Makes a slice's quantised form.</param>
    /// <param name="profile">Gets the samples and the refusals.</param>
    /// <param name="progress">Told before each measurement.</param>
    /// <param name="measuresRows">Whether halves of rows are measured.</param>
    /// <param name="cancellation">Stops between two measurements; what was measured is kept.</param>
    /// <exception cref="TandemException">The time limit was reached before every kernel was measured once.</exception>
    public void MeasureInt8(
        Network network,
        IReadOnlyList<IProcessor> cooperating,
        IReadOnlyList<IProcessor> whole,
        Func<Slice, Slice> quantize,
        Profile profile,
        IProgress<ProfilingProgress>? progress = null,
        bool measuresRows = false,
        CancellationToken cancellation = default)
    {
        Measurement[] todo = InPrecision(network, List(network, cooperating, whole, isShared: true), NumericPrecision.Int8, measuresRows);
        Measure(network, todo, quantize, profile, progress, cancellation);
    }

    /// <summary>The same on kernels in half precision; every processor must have them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="cooperating">Processors to measure kernel by kernel and whole.</param>
    /// <param name="profile">Gets the samples and the refusals.</param>
    /// <param name="progress">Told before each measurement.</param>
    /// <param name="cancellation">Stops between two measurements; what was measured is kept.</param>
    /// <exception cref="TandemException">The time limit was reached before every kernel was measured once.</exception>
    public void MeasureHalf(
        Network network,
        IReadOnlyList<IProcessor> cooperating,
        Profile profile,
        IProgress<ProfilingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Measurement[] todo = InPrecision(network, List(network, cooperating, [], isShared: true), NumericPrecision.Float16, measuresRows: false);
        Measure(network, todo, slice => slice, profile, progress, cancellation);
    }

    /// <summary>Measurements in another precision; halves of rows only where a policy divides so.</summary>
    private static Measurement[] InPrecision(
        Network network, IEnumerable<Measurement> measurements, NumericPrecision precision, bool measuresRows)
    {
        var keys = new SliceKeys(network);
        return
        [
            .. measurements.Where(m => measuresRows || m.Slice.Axis != SliceAxis.Rows)
                .Select(m => m with { Slice = m.Slice with { Precision = precision }, Description = $"{m.Description}, {precision.ShortName()}" })
                .Select(m => m with { Key = keys.Of(m.Slice) }),
        ];
    }

    private void Measure(
        Network network,
        Measurement[] todo,
        Func<Slice, Slice> prepare,
        Profile profile,
        IProgress<ProfilingProgress>? progress,
        CancellationToken cancellation)
    {
        long start = _time.GetTimestamp();
        int done = 0;
        foreach (IGrouping<IProcessor, Measurement> group in todo.GroupBy(m => m.Processor))
        {
            ProcessorThread.Run(group.Key, () =>
            {
                foreach (Measurement measurement in group)
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Report(new(done, todo.Length, $"{group.Key.Info.Name}: {measurement.Description}"));
                    if (_options.Again || !IsKnown(profile, measurement))
                    {
                        RequireTime(start, todo.Length - done);
                        MeasureOne(prepare(measurement.Slice.Cut(network)), measurement, profile);
                    }
                    Describe(profile, measurement);
                    done++;
                }
            });
        }
        progress?.Report(new(done, todo.Length, "done"));
    }

    private static IEnumerable<Measurement> List(
        Network network, IReadOnlyList<IProcessor> cooperating, IReadOnlyList<IProcessor> whole, bool isShared)
    {
        var keys = new SliceKeys(network);
        foreach (IProcessor processor in cooperating)
        {
            foreach (Kernel kernel in network.Kernels.DistinctBy(k => keys.Of(RangeOf(k))))
            {
                foreach (SliceSpec slice in SlicesOf(network, kernel, isShared))
                {
                    yield return new(processor, slice, keys.Of(slice), kernel.Type) { Configuration = KernelConfiguration.Of(network, slice) };
                }
            }
        }
        SliceSpec all = SliceSpec.Of(new KernelRange(0, network.Kernels.Count));
        foreach (IProcessor processor in cooperating.Concat(whole))
        {
            yield return new(processor, all, keys.Whole, $"all of {network.Graph.Name}");
        }
    }

    /// <summary>The slices of a kernel that are measured.</summary>
    internal static IEnumerable<SliceSpec> SlicesOf(Network network, Kernel kernel, bool isShared)
    {
        yield return SliceSpec.Of(RangeOf(kernel));
        foreach (SliceAxis axis in isShared ? [SliceAxis.Channels, SliceAxis.Rows] : Array.Empty<SliceAxis>())
        {
            if (Slicer.CanCut(network, kernel.Index, kernel.Index + 1, axis, Share.FirstHalf, out _))
            {
                yield return new SliceSpec(RangeOf(kernel), axis, Share.FirstHalf);
            }
        }
    }

    private static KernelRange RangeOf(Kernel kernel) => new(kernel.Index, kernel.Index + 1);

    private static bool IsKnown(Profile profile, Measurement m) =>
        profile.Find(m.Processor.Info.Key, m.Key) is not null || profile.Refusal(m.Processor.Info.Key, m.Key) is not null;

    private void RequireTime(long start, int left)
    {
        if (_time.GetElapsedTime(start) > _options.TimeLimit)
        {
            throw new TandemException($"profiling reached its time limit of {_options.TimeLimit.TotalSeconds:0} s with {left} "
                + "measurements left: run it again with a longer --time-limit, it goes on where it stopped");
        }
    }

    private void MeasureOne(Slice slice, Measurement measurement, Profile profile)
    {
        string processor = measurement.Processor.Info.Key;
        try
        {
            LatencyStatistics times = SliceTimer.Measure(
                measurement.Processor, slice, _options, measurement.Slice.Precision == NumericPrecision.Float16).Total;
            profile.Add(new Sample(
                processor, measurement.Key, measurement.StoredDescription,
                times.MedianMs, times.P10Ms, times.P90Ms, times.RunCount, _time.GetUtcNow()));
        }
        catch (SliceRefusedException e)
        {
            profile.AddRefusal(processor, measurement.Key, e.Message);
        }
    }

    /// <summary>Says in older samples what was measured, so that they can teach a predictor.</summary>
    private static void Describe(Profile profile, Measurement measurement)
    {
        if (measurement.Configuration is not null
            && profile.Find(measurement.Processor.Info.Key, measurement.Key) is { } sample
            && sample.KernelDescription != measurement.StoredDescription)
        {
            profile.Add(sample with { KernelDescription = measurement.StoredDescription });
        }
    }

    private readonly record struct Measurement(IProcessor Processor, SliceSpec Slice, string Key, string Description)
    {
        /// <summary>What is measured, where it is a single kernel in float32.</summary>
        public KernelConfiguration? Configuration { get; init; }

        public string StoredDescription => Configuration?.ToString() ?? Description;
    }
}

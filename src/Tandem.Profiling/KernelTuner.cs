using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Processors;

namespace Tandem.Profiling;

/// <summary>
/// Finds the fastest variant of each class of kernels on processors that have several, by running them all. What was measured is kept
/// in the profile, so a device is tuned once for a class.
/// </summary>
public sealed class KernelTuner
{
    private readonly ProfilingOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a tuner.</summary>
    public KernelTuner(ProfilingOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>Tells processors to use the variants that a profile knows to be the fastest.</summary>
    public static void Apply(Profile profile, IEnumerable<IProcessor> processors)
    {
        foreach (ITunableProcessor processor in processors.OfType<ITunableProcessor>())
        {
            IEnumerable<Measurement> own = profile.Costs.Where(c => c.Subject == processor.Info.Key);
            foreach (IGrouping<string, Measured> kernels in own.SelectMany(Read).GroupBy(m => m.Class))
            {
                processor.UseVariant(kernels.Key, Fastest(kernels));
            }
        }
    }

    /// <summary>
    /// Measures the variants of a network's kernels that the profile lacks, and tells the processors which are the fastest. Samples of
    /// kernels whose variant may have changed are forgotten. Ends without a failure when the time for tuning is up.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="processors">The processors; those without variants are left out.</param>
    /// <param name="profile">Gets what was measured.</param>
    /// <param name="progress">Told before each kernel.</param>
    /// <param name="cancellation">Stops between two variants; what was measured is kept.</param>
    public void Tune(
        Network network,
        IReadOnlyList<IProcessor> processors,
        Profile profile,
        IProgress<ProfilingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        long start = _time.GetTimestamp();
        var keys = new SliceKeys(network);
        foreach (ITunableProcessor processor in processors.OfType<ITunableProcessor>())
        {
            Kernel[] todo =
            [
                .. network.Kernels.DistinctBy(kernel => keys.Of(RangeOf(kernel)))
                    .Where(kernel => _options.Again || !IsTuned(profile, processor, keys.Of(RangeOf(kernel)))),
            ];
            ProcessorThread.Run(processor, () =>
            {
                for (int i = 0; i < todo.Length && _time.GetElapsedTime(start) <= _options.TuningTimeLimit; i++)
                {
                    progress?.Report(new(i, todo.Length, $"{processor.Info.Name}: tuning {todo[i].Type}"));
                    TuneKernel(processor, network, todo[i], keys, profile, start, cancellation);
                }
            });
        }
        Apply(profile, processors);
    }

    private void TuneKernel(
        ITunableProcessor processor,
        Network network,
        Kernel kernel,
        SliceKeys keys,
        Profile profile,
        long start,
        CancellationToken cancellation)
    {
        Slice slice = SliceSpec.Of(RangeOf(kernel)).Cut(network);
        int measured = 0, variants = 0;
        foreach (TunableKernel tunable in Survey(processor, slice))
        {
            foreach (string variant in tunable.Variants)
            {
                cancellation.ThrowIfCancellationRequested();
                variants++;
                string name = CostNames.VariantOf(tunable.Class, variant);
                if (!_options.Again && profile.Cost(processor.Info.Key, name, -1) >= 0)
                {
                    continue;
                }
                if (_time.GetElapsedTime(start) > _options.TuningTimeLimit)
                {
                    return;
                }
                processor.UseVariant(tunable.Class, variant);
                profile.Add(MeasureVariant(processor, slice, name));
                measured++;
            }
            // A slice may have kernels of several classes: the next is tuned beside the best of this one.
            processor.UseVariant(tunable.Class, Fastest(KnownOf(profile, processor, tunable)));
        }
        if (measured > 0)
        {
            Forget(processor, network, kernel, keys, profile);
        }
        profile.Add(Cost(processor, CostNames.Tuned(keys.Of(RangeOf(kernel))), variants, "variants"));
    }

    private static IReadOnlyList<TunableKernel> Survey(ITunableProcessor processor, Slice slice)
    {
        try
        {
            return processor.TunableKernels(slice.Graph);
        }
        catch (SliceRefusedException)
        {
            // The profiler will meet the same refusal and note it.
            return [];
        }
    }

    private Measurement MeasureVariant(ITunableProcessor processor, Slice slice, string name)
    {
        try
        {
            double milliseconds = SliceTimer.Measure(processor, slice, _options).Total.MedianMs;
            return Cost(processor, name, milliseconds * 1000, "us");
        }
        catch (ProcessorFailedException)
        {
            // A driver may refuse a variant for its registers, of which nothing can be asked beforehand; the others remain.
            return Cost(processor, name, 0, CostNames.FailedUnit);
        }
    }

    private static void Forget(IProcessor processor, Network network, Kernel kernel, SliceKeys keys, Profile profile)
    {
        foreach (SliceSpec slice in NetworkProfiler.SlicesOf(network, kernel, isShared: true))
        {
            profile.Forget(processor.Info.Key, keys.Of(slice));
        }
        profile.Forget(processor.Info.Key, keys.Whole);
    }

    private static IEnumerable<Measured> KnownOf(Profile profile, ITunableProcessor processor, TunableKernel tunable) =>
        profile.Costs.Where(c => c.Subject == processor.Info.Key).SelectMany(Read).Where(m => m.Class == tunable.Class);

    private static IEnumerable<Measured> Read(Measurement cost) =>
        CostNames.ReadVariant(cost.Name) is { } read ? [new Measured(read.KernelClass, read.Variant, cost)] : [];

    private static string? Fastest(IEnumerable<Measured> measured) =>
        measured.Where(m => m.Cost.Unit != CostNames.FailedUnit).MinBy(m => m.Cost.Value)?.Variant;

    private static bool IsTuned(Profile profile, IProcessor processor, string kernelKey) =>
        profile.Cost(processor.Info.Key, CostNames.Tuned(kernelKey), -1) >= 0;

    private static KernelRange RangeOf(Kernel kernel) => new(kernel.Index, kernel.Index + 1);

    private Measurement Cost(IProcessor processor, string name, double value, string unit) =>
        new(processor.Info.Key, name, value, unit, _time.GetUtcNow());

    private sealed record Measured(string Class, string Variant, Measurement Cost);
}

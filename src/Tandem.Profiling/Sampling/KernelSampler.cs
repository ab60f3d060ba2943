using Tandem.Prediction;
using Tandem.Processors;

namespace Tandem.Profiling.Sampling;

/// <summary>
/// Measures kernels of random sizes on every processor: the offline phase of CoDL (MobiSys 2022) and nn-Meter (MobiSys 2021), after
/// which a predictor knows kernels of networks that this device has never seen.
/// </summary>
/// <remarks>
/// A kernel's time is the median of rounds that are spread over the whole session. Some kernels are compiled at a time and take
/// turns; all kernels are gone through several times. Before each round a reference kernel tells how fast the processor is; whether times
/// are corrected by it is decided by which of both repeats better.
/// </remarks>
public sealed class KernelSampler
{
    private readonly SamplingOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a sampler.</summary>
    public KernelSampler(SamplingOptions options, TimeProvider time) => (_options, _time) = (options, time);

    /// <summary>Measures what the profile lacks and adds it there.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="processors">The processors; one measures at a time.</param>
    /// <param name="profile">Gets samples and refusals, also when it is stopped by an exception.</param>
    /// <param name="keep">Called whenever the profile has new samples.</param>
    /// <param name="progress">Told before each kernel is compiled.</param>
    /// <param name="cancellation">Stops between two kernels; what was measured is kept.</param>
    /// <returns>What came of it, for each processor.</returns>
    public IReadOnlyList<SamplingResult> Measure(
        IReadOnlyList<DrawnKernel> kernels,
        IReadOnlyList<IProcessor> processors,
        Profile profile,
        Action? keep = null,
        IProgress<ProfilingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        long start = _time.GetTimestamp();
        DateTimeOffset time = _time.GetUtcNow();
        (IProcessor Processor, ProcessorSampling Sampling)[] samplings =
            [.. processors.Select(p => (p, new ProcessorSampling(p, _options)))];
        List<DrawnKernel[]> groups = Group([.. kernels.Where(k => _options.Again || !processors.All(p => IsKnown(profile, p, k)))]);
        int total = groups.Sum(g => g.Length) * processors.Count * _options.Passes;
        int done = 0;
        List<SamplingResult> results = [];
        try
        {
            for (int pass = 0; pass < _options.Passes; pass++)
            {
                TimeSpan end = pass == 0 ? _options.TimeLimit / _options.Passes : _options.TimeLimit;
                for (int i = 0; i < groups.Count; i++)
                {
                    if (_time.GetElapsedTime(start) > end && (i > 0 || pass > 0))
                    {
                        // Later passes go through the same kernels.
                        groups = pass == 0 ? groups[..i] : groups;
                        break;
                    }
                    foreach ((IProcessor processor, ProcessorSampling sampling) in samplings)
                    {
                        sampling.Measure(
                            groups[i], pass,
                            k => progress?.Report(new(done++, total, $"{processor.Info.Name}: {k.Configuration.Operators}")), cancellation);
                    }
                    // What was compiled has large arrays; collected here, they do not disturb a measurement.
                    GC.Collect();
                }
                Save();
            }
        }
        finally
        {
            Save();
            progress?.Report(new(total, total, "done"));
        }
        return results;

        void Save()
        {
            results = [.. samplings.Select(s => s.Sampling.AddTo(profile, time))];
            keep?.Invoke();
        }
    }

    private static bool IsKnown(Profile profile, IProcessor processor, DrawnKernel kernel) =>
        profile.Refusal(processor.Info.Key, kernel.Key) is not null
        || (profile.Find(processor.Info.Key, kernel.Key) is not null
            && profile.Cost(processor.Info.Key, CostNames.HalfOfRounds(kernel.Key, 0), 0) > 0);

    /// <summary>Kernels that are compiled at the same time.</summary>
    private List<DrawnKernel[]> Group(IReadOnlyList<DrawnKernel> kernels)
    {
        List<DrawnKernel[]> groups = [];
        List<DrawnKernel> next = [];
        long bytes = 0;
        foreach (DrawnKernel kernel in kernels)
        {
            if (next.Count > 0 && (next.Count == _options.HeldKernels || bytes + kernel.HeldBytes > _options.HeldBytes))
            {
                groups.Add([.. next]);
                next.Clear();
                bytes = 0;
            }
            next.Add(kernel);
            bytes += kernel.HeldBytes;
        }
        if (next.Count > 0)
        {
            groups.Add([.. next]);
        }
        return groups;
    }
}

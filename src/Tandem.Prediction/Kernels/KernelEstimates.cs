using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Store;

namespace Tandem.Prediction.Kernels;

/// <summary>
/// The latencies of a network's kernels on a device that has measured other networks: a predictor for each processor, fitted to the
/// profile when it is first asked (in less than a second). Used by one thread at a time.
/// </summary>
public sealed class KernelEstimates
{
    private readonly Network _network;
    private readonly Profile _profile;
    private readonly Dictionary<string, KernelLatencyPredictor> _predictors = [];
    private readonly Dictionary<(string Processor, SliceSpec Slice), Latency> _known = [];

    /// <summary>Estimates of one network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="profile">What is known of the device; samples without a configuration teach nothing.</param>
    public KernelEstimates(Network network, Profile profile) => (_network, _profile) = (network, profile);

    /// <summary>The samples of one processor that say what was measured.</summary>
    public static IEnumerable<KernelSample> Samples(Profile profile, string processorKey)
    {
        foreach (Sample sample in profile.Samples.Where(s => s.ProcessorKey == processorKey))
        {
            if (KernelConfiguration.TryParse(sample.KernelDescription, out KernelConfiguration configuration))
            {
                yield return new KernelSample(configuration, sample.MedianMilliseconds, sample.TakenAt);
            }
        }
    }

    /// <summary>How long a processor takes for a kernel, or for a part of one, alone.</summary>
    /// <exception cref="TandemException">Nothing was measured on that processor, or the slice is of several kernels or of 8-bit integers.</exception>
    public Latency Of(string processorKey, SliceSpec slice)
    {
        if (_known.TryGetValue((processorKey, slice), out Latency latency))
        {
            return latency;
        }
        if (slice.Precision != NumericPrecision.Float32 || KernelConfiguration.Of(_network, slice) is not { } configuration)
        {
            throw new TandemException($"{slice} cannot be estimated: only single kernels in float32 can");
        }
        if (!_predictors.TryGetValue(processorKey, out KernelLatencyPredictor? predictor))
        {
            _predictors[processorKey] = predictor = KernelLatencyPredictor.Fit(Samples(_profile, processorKey), processorKey);
        }
        return _known[(processorKey, slice)] = predictor.Predict(configuration);
    }
}

using System.Security.Cryptography;
using System.Text;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Prediction.Codl;
using Tandem.Prediction.Kernels;
using Tandem.Prediction.Store;

namespace Tandem.Bench.PredictorAccuracy;

/// <summary>A measured kernel, or part of one, of one processor.</summary>
/// <param name="Kernel">The signature of the whole kernel.</param>
/// <param name="Sample">What was measured.</param>
/// <param name="Spread">How far the 10th or the 90th percentile of its runs lies from the median, as a part of it.</param>
/// <param name="ForCodl">The same as CoDL's predictor takes it; null where that has no such part.</param>
internal sealed record MeasuredPart(string Kernel, KernelSample Sample, double Spread, MeasuredKernel? ForCodl);

/// <summary>What a profile holds of the kernels of some networks on one processor, for Tandem's predictor and for CoDL's.</summary>
internal sealed class MeasuredKernels
{
    private static readonly SliceAxis[] Axes = [SliceAxis.None, SliceAxis.Channels, SliceAxis.Rows];

    private readonly Dictionary<string, MeasuredPart> _parts = [];
    private readonly Profile _profile = new();

    /// <summary>Begins an empty set.</summary>
    public MeasuredKernels(string processorKey) => Codl = new CodlTrainingSet(processorKey, _profile);

    /// <summary>The same samples as CoDL's predictor is fitted to them.</summary>
    public CodlTrainingSet Codl { get; }

    /// <summary>The signatures of all kernels.</summary>
    public IReadOnlySet<string> Kernels => _parts.Values.Select(p => p.Kernel).ToHashSet();

    /// <summary>Every kernel and part of a kernel, once.</summary>
    public IReadOnlyCollection<MeasuredPart> Distinct => _parts.Values;

    /// <summary>The networks with the signatures of their kernels.</summary>
    public List<(string Name, IReadOnlySet<string> Kernels)> Networks { get; } = [];

    /// <summary>Which of some equal parts a kernel belongs to: the same on every machine.</summary>
    public static int Part(string kernel, int parts) => SHA256.HashData(Encoding.UTF8.GetBytes(kernel))[0] % parts;

    /// <summary>Adds what a profile has of a network.</summary>
    public void Add(Network network, SliceKeys keys, Profile profile)
    {
        foreach (Sample sample in profile.Samples)
        {
            _profile.Add(sample);
        }
        foreach (Measurement cost in profile.Costs)
        {
            _profile.Add(cost);
        }
        Codl.Add(network, keys);
        var forCodl = Codl.Networks[^1].Kernels.ToDictionary(k => k.Key);
        HashSet<string> own = [];
        foreach (Kernel kernel in network.Kernels)
        {
            var range = new KernelRange(kernel.Index, kernel.Index + 1);
            foreach (SliceAxis axis in Axes)
            {
                SliceSpec slice = axis == SliceAxis.None ? SliceSpec.Of(range) : new SliceSpec(range, axis, Share.FirstHalf);
                if (_profile.Find(Codl.ProcessorKey, keys.Of(slice)) is not { MedianMilliseconds: > 0 } sample)
                {
                    continue;
                }
                string signature = keys.Of(range);
                own.Add(signature);
                _parts.TryAdd(sample.KernelSignature, new MeasuredPart(
                    signature,
                    new KernelSample(KernelConfiguration.Of(network, slice)!.Value, sample.MedianMilliseconds, sample.TakenAt),
                    Math.Max(sample.P90Milliseconds - sample.MedianMilliseconds, sample.MedianMilliseconds - sample.P10Milliseconds)
                        / sample.MedianMilliseconds,
                    forCodl.GetValueOrDefault(sample.KernelSignature)));
            }
        }
        Networks.Add((network.Graph.Name, own));
    }

    /// <summary>
    /// How far samples of one configuration lie from the median of the others, which are equal kernels of other networks, measured minutes
    /// apart. Both sides are noisy, so a predictor that averages may do better.
    /// </summary>
    public IEnumerable<double> Repeatability() => Distinct
        .GroupBy(p => p.Sample.Configuration)
        .Where(same => same.Count() > 1)
        .SelectMany(same => same.Select(one => Math.Abs(
            LatencyStatistics.Percentile(same.Where(p => p != one).Select(p => p.Sample.Milliseconds), 0.5) / one.Sample.Milliseconds - 1)));
}

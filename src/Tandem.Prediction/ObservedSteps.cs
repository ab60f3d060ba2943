using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;

namespace Tandem.Prediction;

/// <summary>
/// What running plans taught: how long slices really took as steps, and from this how far off the estimates of others are. Slices
/// teach nothing of those in another precision.
/// </summary>
internal sealed class ObservedSteps
{
    // A planner picks the slices that look fastest, and so those whose estimates are too low: what was never run must look
    // better than what was by this much, or plans would change for ever without getting better.
    internal const double Caution = 1.04;

    private readonly Dictionary<(string Processor, SliceSpec Whole), List<Observation>> _observations = [];
    private readonly Dictionary<(string Processor, SliceAxis Axis, bool IsReduction, NumericPrecision Precision), List<double>> _ratios = [];

    /// <summary>Takes in how long a slice really took; only the last time of a slice counts.</summary>
    /// <param name="processorKey">The processor.</param>
    /// <param name="slice">The slice.</param>
    /// <param name="measured">What it took.</param>
    /// <param name="estimateMs">What it was estimated to take, before any correction.</param>
    public void Add(string processorKey, SliceSpec slice, Latency measured, double estimateMs)
    {
        double ratio = estimateMs > 0 ? measured.MeanMs / estimateMs : 1;
        var key = (processorKey, Whole(slice));
        if (!_observations.TryGetValue(key, out List<Observation>? observations))
        {
            _observations[key] = observations = [];
        }
        observations.RemoveAll(o => o.Share == slice.Share);
        observations.Add(new Observation(slice.Share, measured, ratio));
        if (!_ratios.TryGetValue(KindOf(processorKey, slice), out List<double>? ratios))
        {
            _ratios[KindOf(processorKey, slice)] = ratios = [];
        }
        ratios.Add(ratio);
    }

    /// <summary>How long the slice itself took; null where it was never a step.</summary>
    public Latency? Find(string processorKey, SliceSpec slice)
    {
        if (_observations.TryGetValue((processorKey, Whole(slice)), out List<Observation>? observations))
        {
            int index = observations.FindIndex(o => o.Share == slice.Share);
            if (index >= 0)
            {
                return observations[index].Measured;
            }
        }
        return null;
    }

    /// <summary>What to multiply an estimate by: from the nearest share of the same kernels, or else from all slices like this; null where nothing is known.</summary>
    public double? Correction(string processorKey, SliceSpec slice)
    {
        if (_observations.TryGetValue((processorKey, Whole(slice)), out List<Observation>? observations))
        {
            return observations.MinBy(o => Math.Abs(o.Share.Size - slice.Share.Size)).Ratio;
        }
        if (!_ratios.TryGetValue(KindOf(processorKey, slice), out List<double>? ratios))
        {
            return null;
        }
        double[] sorted = [.. ratios.Order()];
        return Caution * sorted[sorted.Length / 2];
    }

    private static (string, SliceAxis, bool, NumericPrecision) KindOf(string processorKey, SliceSpec slice) =>
        (processorKey, slice.Axis, slice.Summands > 0, slice.Precision);

    // Observations of the shares of one division help to predict each other.
    private static SliceSpec Whole(SliceSpec slice) => slice with { Share = Share.All, Part = 0 };

    private readonly record struct Observation(Share Share, Latency Measured, double Ratio);
}

using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Kernels;

namespace Tandem.Prediction;

/// <summary>
/// How long parts of single kernels take, from what was measured of each: all of it, half of its channels and half of its rows.
/// Between and beyond, latency is taken as linear in the part.
/// </summary>
internal sealed class KernelLatencies
{
    // Part of a kernel's time that does not shrink with its share (packing, tails, dispatch), where no half was measured.
    private const double FixedPart = 0.03;

    // A half never takes less than this part of the whole: what is measured below is noise.
    private const double LeastHalf = 0.3;
    private const double DefaultRowCopyGigabytesPerSecond = 6;
    private const double DefaultLaunchMicroseconds = 5;

    private readonly Network _network;
    private readonly Profile _profile;
    private readonly SliceKeys _keys;
    private readonly KernelEstimates? _estimates;
    private readonly Dictionary<(string Processor, int Kernel, SliceAxis Axis, NumericPrecision Precision), double> _halves = [];

    public KernelLatencies(Network network, Profile profile, SliceKeys keys, KernelEstimates? estimates = null)
    {
        _estimates = estimates;
        _network = network;
        _profile = profile;
        _keys = keys;
    }

    /// <summary>All of a kernel, in milliseconds.</summary>
    /// <exception cref="TandemException">The profile lacks it, and it is not to be estimated; only float32 ever is.</exception>
    public double WholeMs(string processorKey, int kernel, NumericPrecision precision = NumericPrecision.Float32)
    {
        SliceSpec whole = SliceSpec.Of(RangeOf(kernel)) with { Precision = precision };
        KernelEstimates? estimates = precision == NumericPrecision.Float32 ? _estimates : null;
        return _profile.Find(processorKey, _keys.Of(whole))?.MedianMilliseconds
            ?? estimates?.Of(processorKey, whole).MeanMs
            ?? throw new TandemException(precision == NumericPrecision.Float32
                ? $"the profile lacks kernel '{_network.Kernels[kernel].Name}' "
                    + $"({_network.Kernels[kernel].Type}) on {processorKey}: run 'tandem profile MODEL'"
                : $"the profile lacks kernel '{_network.Kernels[kernel].Name}' in {precision.ShortName()} on {processorKey}");
    }

    /// <summary>The relative standard deviation of what is known of a kernel from others; 0 where it was measured itself.</summary>
    public double Uncertainty(string processorKey, int kernel)
    {
        if (_estimates is null || _profile.Find(processorKey, _keys.Of(RangeOf(kernel))) is not null)
        {
            return 0;
        }
        Latency estimate = _estimates.Of(processorKey, SliceSpec.Of(RangeOf(kernel)));
        return estimate.MeanMs > 0 ? estimate.StdDevMs / estimate.MeanMs : 0;
    }

    /// <summary>A part of a kernel, in milliseconds, without the copying of rows.</summary>
    /// <param name="processorKey">The processor.</param>
    /// <param name="kernel">The kernel's index.</param>
    /// <param name="axis">How it is divided.</param>
    /// <param name="part">The part of its output that is computed, above 0.</param>
    /// <param name="precision">What it computes in.</param>
    public double PartMs(
        string processorKey, int kernel, SliceAxis axis, double part, NumericPrecision precision = NumericPrecision.Float32)
    {
        double whole = WholeMs(processorKey, kernel, precision);
        if (axis == SliceAxis.None)
        {
            return whole;
        }
        double half = HalfMs(processorKey, kernel, axis, precision, whole);
        return Math.Max(LeastHalf * whole * part, whole + (whole - half) * 2 * (part - 1));
    }

    /// <summary>What gathering and scattering rows costs a slice with these ends, in milliseconds.</summary>
    public double RowCopyMs(IReadOnlyList<SliceEnd> inputs, IReadOnlyList<SliceEnd> outputs)
    {
        double bytes = inputs.Concat(outputs)
            .Where(end => !end.Range.IsContiguousIn(end.Tensor.Shape))
            .Sum(end => (double)end.Range.Of(end.Tensor.Shape).ElementCount * end.Tensor.Type.SizeInBytes());
        double gigabytesPerSecond = _profile.Cost(CostNames.Memory, CostNames.RowCopy, DefaultRowCopyGigabytesPerSecond);
        return bytes / (gigabytesPerSecond * 1e6);
    }

    /// <summary>
    /// What adding partial sums costs: starting the slice, and its ends' bytes at the rate at which rows are copied (others wrote
    /// the sums, so that they come from other cores' caches or from memory), in milliseconds.
    /// </summary>
    public double SumMs(string processorKey, SliceOutline outline)
    {
        double bytes = outline.Inputs.Concat(outline.Outputs)
            .Sum(end => (double)end.Range.Of(end.Tensor.Shape).ElementCount * end.Tensor.Type.SizeInBytes());
        double gigabytesPerSecond = _profile.Cost(CostNames.Memory, CostNames.RowCopy, DefaultRowCopyGigabytesPerSecond);
        return _profile.Cost(processorKey, CostNames.Launch, DefaultLaunchMicroseconds) / 1000 + bytes / (gigabytesPerSecond * 1e6);
    }

    private double HalfMs(string processorKey, int kernel, SliceAxis axis, NumericPrecision precision, double whole)
    {
        if (!_halves.TryGetValue((processorKey, kernel, axis, precision), out double half))
        {
            SliceSpec spec = new(RangeOf(kernel), axis, Share.FirstHalf) { Precision = precision };
            bool isEstimated = precision == NumericPrecision.Float32 && Uncertainty(processorKey, kernel) > 0;
            double? alone = _profile.Find(processorKey, _keys.Of(spec))?.MedianMilliseconds
                ?? (isEstimated ? _estimates!.Of(processorKey, spec).MeanMs : null);
            half = alone is { } ms && Slicer.Outline(_network, kernel, kernel + 1, axis, Share.FirstHalf) is { } outline
                ? ms - RowCopyMs(outline.Inputs, outline.Outputs)
                : whole * (FixedPart + (1 - FixedPart) / 2);
            half = Math.Clamp(half, LeastHalf * whole, whole);
            _halves[(processorKey, kernel, axis, precision)] = half;
        }
        return half;
    }

    private static KernelRange RangeOf(int kernel) => new(kernel, kernel + 1);
}

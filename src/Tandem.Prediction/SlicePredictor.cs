using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Kernels;
using Tandem.Prediction.Store;

namespace Tandem.Prediction;

/// <summary>
/// Predicts how long a processor takes for a slice of one network, from the profile's measurements: of the slice itself where
/// it was measured, else of its kernels and their halves, by the part of each that the slice computes (halo included), less what
/// running kernels back to back saves, plus what gathering and scattering rows costs. A reduction of partial sums takes as long as
/// copying what it reads and writes.
/// </summary>
/// <remarks>
/// Estimates are corrected by what was measured of other shares of the same kernels, and otherwise by how far off the
/// estimates of this network were so far (<see cref="Observe"/>). Used by one thread at a time.
/// </remarks>
public sealed class SlicePredictor
{
    // Estimates never fall below this part of the sum of the kernels, whatever running them back to back seems to save.
    private const double LeastPartOfSum = 0.4;
    private const double UnmeasuredSpread = 0.15;

    private readonly Network _network;
    private readonly Profile _profile;
    private readonly SliceKeys _keys;
    private readonly KernelLatencies _kernels;
    private readonly Contention _contention;
    private readonly Dictionary<SliceSpec, SliceOutline?> _outlines = [];
    private readonly Dictionary<(string Processor, SliceSpec Slice), double> _estimates = [];
    private readonly Dictionary<KernelRange, ProductSplit?> _products = [];
    private readonly Dictionary<string, int> _madeBy = [];
    private readonly Dictionary<(string Processor, NumericPrecision Precision), double> _savedMsPerByte = [];
    private readonly ObservedSteps _observed = new();
    private IReadOnlyDictionary<string, double>? _slowdowns;

    /// <summary>Makes a predictor for a network from what is known of the device.</summary>
    /// <param name="network">The network.</param>
    /// <param name="profile">What is known of the device.</param>
    /// <param name="estimates">Tells of kernels that were not measured; null refuses to predict them.</param>
    public SlicePredictor(Network network, Profile profile, KernelEstimates? estimates = null)
    {
        _network = network;
        _profile = profile;
        _keys = new SliceKeys(network);
        _kernels = new KernelLatencies(network, profile, _keys, estimates);
        _contention = new Contention(network, profile);
        foreach (Kernel kernel in network.Kernels)
        {
            foreach (string output in kernel.Outputs)
            {
                _madeBy[output] = kernel.Index;
            }
        }
    }

    /// <summary>
    /// The same predictor when some processors are slower than they were measured: what it predicts of them is multiplied. It keeps
    /// learning with this one, from times without that slowdown.
    /// </summary>
    /// <param name="slowdowns">For processor keys, how many times as long everything takes; those not named keep their speed.</param>
    public SlicePredictor SlowedBy(IReadOnlyDictionary<string, double> slowdowns)
    {
        var slowed = (SlicePredictor)MemberwiseClone();
        slowed._slowdowns = slowdowns;
        return slowed;
    }

    /// <summary>The keys of the network's measurements.</summary>
    public SliceKeys Keys => _keys;

    /// <summary>What is known of the device: what policies with predictors of their own fit these to.</summary>
    public Profile Profile => _profile;

    /// <summary>Why a processor cannot run some kernels: the reason of the first it refuses; null where it can run all.</summary>
    public string? Refusal(string processorKey, KernelRange kernels)
    {
        for (int k = kernels.First; k < kernels.End; k++)
        {
            if (_profile.Refusal(processorKey, KernelKey(k)) is { } reason)
            {
                return reason;
            }
        }
        // Some processors are only ever asked for the whole network.
        return kernels.Count == _network.Kernels.Count ? _profile.Refusal(processorKey, _keys.Whole) : null;
    }

    /// <summary>
    /// Why a processor cannot run its part of some kernels divided along an axis; a slice may hold operators (pads, crops) that
    /// the whole kernels do not. Null where it can.
    /// </summary>
    public string? Refusal(string processorKey, KernelRange kernels, SliceAxis axis)
    {
        string? reason = Refusal(processorKey, kernels);
        // A partial sum is made of slices by channels; it holds nothing that these do not.
        axis = axis == SliceAxis.InputChannels ? SliceAxis.Channels : axis;
        for (int k = kernels.First; k < kernels.End && reason is null && axis != SliceAxis.None; k++)
        {
            reason = _profile.Refusal(processorKey, _keys.Of(new SliceSpec(new KernelRange(k, k + 1), axis, Share.FirstHalf)));
        }
        return reason;
    }

    /// <summary>The same for a precision; what is known of 8-bit slices is what was measured of them.</summary>
    public string? Refusal(string processorKey, KernelRange kernels, SliceAxis axis, NumericPrecision precision)
    {
        string? reason = Refusal(processorKey, kernels, axis);
        for (int k = kernels.First; k < kernels.End && reason is null && precision != NumericPrecision.Float32; k++)
        {
            KernelRange kernel = new(k, k + 1);
            SliceSpec half = new(kernel, axis, axis == SliceAxis.None ? Share.All : Share.FirstHalf) { Precision = precision };
            reason = _profile.Refusal(processorKey, _keys.Of(SliceSpec.Of(kernel) with { Precision = precision }))
                ?? _profile.Refusal(processorKey, _keys.Of(half));
        }
        return reason;
    }

    /// <summary>How long a processor takes for a slice.</summary>
    /// <param name="processorKey">The processor.</param>
    /// <param name="slice">The slice.</param>
    /// <param name="besideOthers">
    /// Whether other processors run theirs meanwhile: what was measured alone then grows by the contention for memory. Steps of plans
    /// that were observed have it in them.
    /// </param>
    /// <exception cref="TandemException">
    /// The profile lacks a kernel, and kernels are not to be estimated: a missing sample is never taken for no time.
    /// </exception>
    public Latency Predict(string processorKey, SliceSpec slice, bool besideOthers = false) =>
        PredictAtFullSpeed(processorKey, slice, besideOthers) * (_slowdowns?.GetValueOrDefault(processorKey, 1) ?? 1);

    private Latency PredictAtFullSpeed(string processorKey, SliceSpec slice, bool besideOthers)
    {
        if (_observed.Find(processorKey, slice) is { } observed)
        {
            return observed;
        }
        if (Alone(processorKey, slice) is { } measured)
        {
            return besideOthers ? measured * ContentionOf(processorKey, slice, measured.MeanMs) : measured;
        }
        double estimate = Estimate(processorKey, slice);
        return new Latency(estimate, Math.Max(UnmeasuredSpread, Uncertainty(processorKey, slice)) * estimate)
            * (_observed.Correction(processorKey, slice) ?? (besideOthers ? ContentionOf(processorKey, slice, estimate) : 1));
    }

    private double ContentionOf(string processorKey, SliceSpec slice, double aloneMs) =>
        Outline(slice) is { } outline
            ? _contention.Factor(processorKey, slice, kernel => Part(kernel, outline), aloneMs)
            : 1;

    /// <summary>What was measured of a slice alone on a processor; null where it was not.</summary>
    public Sample? MeasuredAlone(string processorKey, SliceSpec slice) => _profile.Find(processorKey, _keys.Of(slice));

    /// <summary>Takes in how long a slice really took as a step of a plan; slices teach nothing of those in another precision.</summary>
    public void Observe(string processorKey, SliceSpec slice, Latency measured) =>
        _observed.Add(processorKey, slice, measured, Estimate(processorKey, slice));

    /// <summary>What a slice reads and makes, found once and kept; null where the network cannot be cut so.</summary>
    public SliceOutline? Outline(SliceSpec spec)
    {
        if (!_outlines.TryGetValue(spec, out SliceOutline? outline))
        {
            _outlines[spec] = outline = Slicer.Outline(_network, spec);
        }
        return outline;
    }

    private Latency? Alone(string processorKey, SliceSpec slice) =>
        // Of longer slices only the whole network is ever measured alone; finding their keys would take most of the planner's time.
        slice is { Summands: 0, Axis: not SliceAxis.InputChannels }
            && (slice.Kernels.Count == 1 || slice.Kernels.Count == _network.Kernels.Count)
            && MeasuredAlone(processorKey, slice) is { } sample
            ? new Latency(sample.MedianMilliseconds, (sample.P90Milliseconds - sample.P10Milliseconds) / 2.563)
            : null;

    private double Estimate(string processorKey, SliceSpec spec)
    {
        if (!_estimates.TryGetValue((processorKey, spec), out double ms))
        {
            _estimates[(processorKey, spec)] = ms = EstimateAnew(processorKey, spec);
        }
        return ms;
    }

    private double EstimateAnew(string processorKey, SliceSpec spec)
    {
        SliceOutline outline = Outline(spec) ?? throw new TandemException($"the network cannot be cut as {spec}");
        double sum = 0;
        double innerBytes = 0;
        ProductSplit? product = spec.Summands > 0 || spec.Axis == SliceAxis.InputChannels ? Product(spec.Kernels) : null;
        for (int k = spec.Kernels.First; k < spec.Kernels.End; k++)
        {
            double part = Part(_network.Kernels[k], outline);
            if (product is not null && _network.Kernels[k].Operators.Contains(product.Product))
            {
                part = spec.Summands > 0 ? 0 : PartOfSum(product, outline);
            }
            if (product is not null && part == 0)
            {
                continue;
            }
            // Half of the input channels is taken as half of the output channels: the same products, in the same blocks.
            sum += _kernels.PartMs(processorKey, k, spec.Axis == SliceAxis.InputChannels ? SliceAxis.Channels : spec.Axis, part, spec.Precision);
            innerBytes += InnerBytes(_network.Kernels[k], spec.Kernels) * part;
        }
        double together = Math.Max(LeastPartOfSum * sum, sum - innerBytes * SavedMsPerByte(processorKey, spec.Precision));
        return together + _kernels.RowCopyMs(outline.Inputs, outline.Outputs)
            + (spec.Summands > 0 ? _kernels.SumMs(processorKey, outline) : 0);
    }

    private ProductSplit? Product(KernelRange kernels)
    {
        if (!_products.TryGetValue(kernels, out ProductSplit? split))
        {
            _products[kernels] = split = Slicer.SplitAtProduct(_network, kernels, out _);
        }
        return split;
    }

    /// <summary>The part of a product's input channels that a partial sum takes in.</summary>
    private double PartOfSum(ProductSplit product, SliceOutline outline)
    {
        Tensor input = _network.Graph.Tensors[product.Input];
        TensorRange range = outline.Made.TryGetValue(input.Name, out TensorRange made)
            ? made
            : outline.Inputs.First(end => end.Tensor.Name == input.Name).Range;
        return (double)range.Of(input.Shape).ElementCount / input.Shape.ElementCount;
    }

    /// <summary>The greatest relative uncertainty of the slice's kernels; that of kernels that were measured is none.</summary>
    private double Uncertainty(string processorKey, SliceSpec slice)
    {
        double most = 0;
        for (int k = slice.Kernels.First; k < slice.Kernels.End; k++)
        {
            most = Math.Max(most, _kernels.Uncertainty(processorKey, k));
        }
        return most;
    }

    private string KernelKey(int kernel) => _keys.Of(new KernelRange(kernel, kernel + 1));

    /// <summary>The part of a kernel that a slice computes, by elements of its outputs.</summary>
    private double Part(Kernel kernel, SliceOutline outline)
    {
        double whole = 0;
        double part = 0;
        foreach (string output in kernel.Outputs)
        {
            Shape shape = _network.Graph.Tensors[output].Shape;
            whole += shape.ElementCount;
            part += outline.Made.TryGetValue(output, out TensorRange range) ? range.Of(shape).ElementCount : 0;
        }
        return whole == 0 ? 1 : part / whole;
    }

    private double InnerBytes(Kernel kernel, KernelRange kernels) => kernel.Inputs
        .Where(input => _madeBy.TryGetValue(input, out int maker) && maker >= kernels.First && maker < kernels.End)
        .Sum(input => (double)_network.Graph.Tensors[input].SizeInBytes);

    /// <summary>
    /// What running kernels back to back saves for each byte that stays inside: the difference between the whole network and
    /// the sum of its kernels, where both were measured.
    /// </summary>
    private double SavedMsPerByte(string processorKey, NumericPrecision precision)
    {
        if (_savedMsPerByte.TryGetValue((processorKey, precision), out double saved))
        {
            return saved;
        }
        var all = new KernelRange(0, _network.Kernels.Count);
        if (MeasuredAlone(processorKey, SliceSpec.Of(all) with { Precision = precision }) is { } whole)
        {
            double sum = Enumerable.Range(0, all.End).Sum(k => _kernels.WholeMs(processorKey, k, precision));
            double bytes = _network.Kernels.Sum(kernel => InnerBytes(kernel, all));
            saved = bytes == 0 ? 0 : Math.Max(0, (sum - whole.MedianMilliseconds) / bytes);
        }
        _savedMsPerByte[(processorKey, precision)] = saved;
        return saved;
    }
}

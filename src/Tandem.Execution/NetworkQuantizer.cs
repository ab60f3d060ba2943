using Tandem.Execution.Accuracy;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>
/// Quantises slices of one network. The ranges of its activations are found when the first slice is quantised, from runs of the whole
/// network in float32, so that all slices quantise a tensor alike. Safe for use by several threads.
/// </summary>
public sealed class NetworkQuantizer
{
    private readonly Network _network;
    private readonly Lazy<IReadOnlyDictionary<string, ValueRange>> _ranges;

    // Where sums of two products saturate, weights give up a bit.
    private readonly QuantizationOptions _options = new() { ReducesWeightRange = IntegerKernels.MaySaturate };

    /// <summary>Quantises a network's slices.</summary>
    /// <param name="network">The network, prepared.</param>
    /// <param name="calibration">
    /// Inputs to take ranges from: for each run the bytes of each input, in the network's order. Null for seeded ones.
    /// </param>
    public NetworkQuantizer(Network network, IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>>? calibration = null)
        : this(network, () => calibration ?? new CalibrationInputs(network.Graph, []).Ranges) { }

    /// <summary>Quantises a network's slices; the inputs to take ranges from are asked for when the first slice is quantised.</summary>
    internal NetworkQuantizer(Network network, Func<IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>>> calibration)
    {
        _network = network;
        _ranges = new(() => Calibrate(calibration()));
    }

    /// <summary>The range of each float32 input and activation, by name. Runs the network where that was not done.</summary>
    public IReadOnlyDictionary<string, ValueRange> Ranges => _ranges.Value;

    /// <summary>The slice on 8-bit integers, with the same inputs and outputs.</summary>
    /// <exception cref="QuantizationException">The network's operator set is too old, or its activations become infinite.</exception>
    public Slice Quantize(Slice slice) => slice with { Graph = GraphQuantizer.Quantize(slice.Graph, RangeOf, _options) };

    private ValueRange RangeOf(string tensor)
    {
        if (Ranges.TryGetValue(tensor, out ValueRange range))
        {
            return range;
        }
        // The slicer names a part of a tensor after the whole: "conv1@0..32".
        int end = tensor.LastIndexOf('@');
        return end > 0 && Ranges.TryGetValue(tensor[..end], out range)
            ? range
            : throw new QuantizationException($"no range is known of tensor '{tensor}': run this slice in float32");
    }

    private IReadOnlyDictionary<string, ValueRange> Calibrate(IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> runs)
    {
        using var calibration = new RangeCalibration(_network.Graph);
        foreach (IReadOnlyList<ReadOnlyMemory<byte>> inputs in runs)
        {
            calibration.Add(inputs);
        }
        return calibration.Ranges;
    }
}

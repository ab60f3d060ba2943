using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;

namespace Tandem.Prediction;

/// <summary>
/// The names under which a network's measurements are stored: structure and shapes, not weights or tensor names, so that equal
/// kernels of different networks share one measurement.
/// </summary>
public sealed class SliceKeys
{
    private readonly Network _network;
    private readonly Dictionary<KernelRange, string> _regions = [];

    /// <summary>Keys of one network.</summary>
    public SliceKeys(Network network)
    {
        _network = network;
        Whole = GraphSignature.Of(network.Graph);
    }

    /// <summary>The key of the whole network.</summary>
    public string Whole { get; }

    /// <summary>The key of undivided kernels.</summary>
    public string Of(KernelRange kernels)
    {
        if (kernels.First == 0 && kernels.End == _network.Kernels.Count)
        {
            return Whole;
        }
        if (!_regions.TryGetValue(kernels, out string? key))
        {
            key = GraphSignature.Of(SliceSpec.Of(kernels).Cut(_network).Graph);
            _regions[kernels] = key;
        }
        return key;
    }

    /// <summary>The key of all divisions of some kernels along an axis.</summary>
    public string Of(KernelRange kernels, SliceAxis axis) => axis switch
    {
        SliceAxis.None => Of(kernels),
        SliceAxis.Channels => Of(kernels) + "/channels",
        SliceAxis.Rows => Of(kernels) + "/rows",
        SliceAxis.InputChannels => Of(kernels) + "/inputs",
        _ => throw new ArgumentOutOfRangeException(nameof(axis)),
    };

    /// <summary>The key of one slice.</summary>
    public string Of(SliceSpec slice) => (slice.Axis == SliceAxis.None
        ? Of(slice.Kernels)
        : FormattableString.Invariant($"{Of(slice.Kernels, slice.Axis)}/{slice.Share.Begin:0.0000}-{slice.Share.End:0.0000}"))
        + (slice.Summands == 0 ? "" : FormattableString.Invariant($"/sum of {slice.Summands}"))
        + (slice.Precision == NumericPrecision.Float32 ? "" : "/" + slice.Precision.ShortName());
}

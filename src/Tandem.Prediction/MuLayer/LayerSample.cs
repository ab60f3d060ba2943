using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;

namespace Tandem.Prediction.MuLayer;

/// <summary>One measured layer, or part of one.</summary>
/// <param name="Layer">Tells apart layers; the parts of one layer have one name.</param>
/// <param name="Features">Its features.</param>
/// <param name="Ms">Its measured latency in milliseconds, above 0.</param>
public sealed record LayerSample(string Layer, LayerFeatures Features, double Ms)
{
    /// <summary>
    /// What a profile knows of a network's layers on a processor: each distinct kernel whole and, where that was measured, half
    /// of its channels.
    /// </summary>
    public static IReadOnlyList<LayerSample> Of(
        Network network, SlicePredictor profiled, string processorKey, NumericPrecision precision = NumericPrecision.Float32)
    {
        List<LayerSample> samples = [];
        foreach (Kernel kernel in network.Kernels.DistinctBy(k => profiled.Keys.Of(RangeOf(k))))
        {
            SliceSpec[] measured = [SliceSpec.Of(RangeOf(kernel)), new(RangeOf(kernel), SliceAxis.Channels, Share.FirstHalf)];
            foreach (SliceSpec slice in measured)
            {
                if (profiled.MeasuredAlone(processorKey, slice with { Precision = precision }) is { MedianMilliseconds: > 0 } sample)
                {
                    LayerFeatures features = LayerFeatures.Of(network.Graph, kernel, slice.Share.Size);
                    samples.Add(new LayerSample(profiled.Keys.Of(RangeOf(kernel)), features, sample.MedianMilliseconds));
                }
            }
        }
        return samples;
    }

    private static KernelRange RangeOf(Kernel kernel) => new(kernel.Index, kernel.Index + 1);
}

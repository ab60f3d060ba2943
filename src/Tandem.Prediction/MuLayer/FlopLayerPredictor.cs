namespace Tandem.Prediction.MuLayer;

/// <summary>
/// Latency as floating-point operations times one constant of the processor: the predictor that CoDL's authors compare with
/// (Jia et al., MobiSys 2022). With it every layer is divided at the ratio of the processors' speeds.
/// </summary>
public sealed class FlopLayerPredictor : ILayerPredictor
{
    private readonly double _msPerFlop;

    private FlopLayerPredictor(double msPerFlop) => _msPerFlop = msPerFlop;

    /// <summary>Fits the constant by least squares.</summary>
    /// <exception cref="TandemException">There is no sample.</exception>
    public static FlopLayerPredictor Fit(IReadOnlyList<LayerSample> samples)
    {
        double squares = samples.Sum(s => s.Features.Flops * s.Features.Flops);
        return squares > 0
            ? new FlopLayerPredictor(samples.Sum(s => s.Features.Flops * s.Ms) / squares)
            : throw new TandemException("no layer was measured: run 'tandem profile MODEL'");
    }

    /// <inheritdoc/>
    public double PredictMs(LayerFeatures layer) => _msPerFlop * layer.Flops;
}

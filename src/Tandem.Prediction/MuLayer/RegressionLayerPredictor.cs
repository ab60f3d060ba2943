namespace Tandem.Prediction.MuLayer;

/// <summary>
/// muLayer's latency predictor for one processor: a regression for each layer type, linear or logarithmic, whichever predicts the
/// layers that it was not fitted to better.
/// </summary>
public sealed class RegressionLayerPredictor : ILayerPredictor
{
    private readonly Dictionary<string, LayerRegression> _byType;

    private RegressionLayerPredictor(Dictionary<string, LayerRegression> byType) => _byType = byType;

    /// <summary>The regression of each layer type.</summary>
    public IReadOnlyDictionary<string, LayerRegression> ByType => _byType;

    /// <summary>Fits one regression to the samples of each layer type.</summary>
    public static RegressionLayerPredictor Fit(IEnumerable<LayerSample> samples) => new(samples
        .GroupBy(sample => sample.Features.LayerType)
        .ToDictionary(type => type.Key, type => LayerRegression.FitBest([.. type])));

    /// <inheritdoc/>
    public double PredictMs(LayerFeatures layer) => _byType.TryGetValue(layer.LayerType, out LayerRegression? regression)
        ? regression.PredictMs(layer)
        : throw new TandemException($"no layer of type {layer.LayerType} was measured: run 'tandem profile MODEL'");
}

namespace Tandem.Prediction.MuLayer;

/// <summary>Predicts how long one processor takes for a part of a layer, from the layer's features alone.</summary>
public interface ILayerPredictor
{
    /// <summary>The expected latency in milliseconds, above 0.</summary>
    /// <exception cref="TandemException">No layer of this type was measured.</exception>
    double PredictMs(LayerFeatures layer);
}

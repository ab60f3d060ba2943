namespace Tandem.Prediction.MuLayer;

/// <summary>How a layer's latency depends on its features.</summary>
public enum RegressionForm
{
    /// <summary>y = b * work: all that a single sample can tell.</summary>
    Proportional,
    /// <summary>y = a + b1 * x1 + b2 * x2, for sums of products also + b3 * x1 * x2; no coefficient below 0.</summary>
    Linear,
    /// <summary>ln y = a + b1 * ln x1 + b2 * ln x2; b1 and b2 not below 0.</summary>
    Logarithmic,
}

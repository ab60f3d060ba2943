namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>Leaves out the same small share of the numbers at either end, so that outliers do not make steps coarse.</summary>
/// <param name="percent">The percentile to cover: as much is cut above it as is below 100 less it; above 50, at most 100.</param>
public sealed class PercentileCalibration(double percent = PercentileCalibration.DefaultPercent) : HistogramCalibration
{
    /// <summary>What is covered where nothing else is said.</summary>
    public const double DefaultPercent = 99.99;

    /// <inheritdoc/>
    public override string Name => "percentile";

    /// <inheritdoc/>
    public override ValueRange Choose(ActivationHistogram histogram)
    {
        double share = percent / 100;
        return new ValueRange(histogram.Quantile(1 - share), histogram.Quantile(share));
    }
}

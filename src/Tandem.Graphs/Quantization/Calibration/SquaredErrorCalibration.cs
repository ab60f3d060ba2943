namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>The range at which the mean squared error of quantised numbers, rounding and saturation together, is least.</summary>
public sealed class SquaredErrorCalibration : SearchedCalibration
{
    /// <inheritdoc/>
    public override string Name => "mse";

    /// <inheritdoc/>
    protected override double Cost(FilledBins bins, ValueRange range)
    {
        var quantization = LinearQuantization.Covering(range);
        double sum = 0;
        for (int i = 0; i < bins.Centres.Length; i++)
        {
            double error = bins.Centres[i] - quantization.Dequantize(quantization.Quantize(bins.Centres[i]));
            sum += bins.Counts[i] * error * error;
        }
        return sum;
    }
}

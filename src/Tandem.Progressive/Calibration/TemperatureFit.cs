namespace Tandem.Progressive.Calibration;

/// <summary>
/// Temperature scaling (Guo et al., ICML 2017): the temperature with the least negative log likelihood of the right classes. In the inverse
/// temperature that is convex, so Newton's method within a bracket finds it.
/// </summary>
public static class TemperatureFit
{
    /// <summary>Where every image is right, the least loss is at temperature 0, where there is no confidence any more: this is the least taken.</summary>
    public const double Least = 0.05;

    /// <summary>The most taken, where logits tell nothing.</summary>
    public const double Most = 20;

    private const int MostSteps = 100;
    private const double Tolerance = 1e-7;

    /// <summary>The temperature of an exit.</summary>
    /// <param name="scores">Scores of images that the network was not trained on.</param>
    /// <param name="exit">The exit.</param>
    public static double Of(ExitScores scores, int exit)
    {
        (double low, double high) = (1 / Most, 1 / Least);
        double inverse = 1;
        for (int step = 0; step < MostSteps && high - low > Tolerance; step++)
        {
            (double slope, double curvature) = Derivatives(scores, exit, inverse);
            if (slope > 0)
            {
                high = inverse;
            }
            else
            {
                low = inverse;
            }
            double newton = inverse - (slope / curvature);
            double next = newton > low && newton < high ? newton : (low + high) / 2;
            if (Math.Abs(next - inverse) < Tolerance * inverse)
            {
                return 1 / next;
            }
            inverse = next;
        }
        return Math.Clamp(2 / (low + high), Least, Most);
    }

    /// <summary>The mean negative log likelihood of the right classes.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="exit">The exit.</param>
    /// <param name="temperature">What logits are divided by.</param>
    public static double NegativeLogLikelihood(ExitScores scores, int exit, double temperature)
    {
        double sum = 0;
        for (int image = 0; image < scores.Images; image++)
        {
            ReadOnlySpan<float> logits = scores.Logits(exit, image);
            (int best, double probability) = scores.ConfidenceOf(exit, image, temperature);
            sum -= Math.Log(probability) + ((logits[scores.LabelOf(image)] - (double)logits[best]) / temperature);
        }
        return sum / scores.Images;
    }

    /// <summary>The first and second derivative of the mean loss by the inverse temperature.</summary>
    private static (double Slope, double Curvature) Derivatives(ExitScores scores, int exit, double inverse)
    {
        double slope = 0;
        double curvature = 0;
        for (int image = 0; image < scores.Images; image++)
        {
            ReadOnlySpan<float> logits = scores.Logits(exit, image);
            double most = logits[0];
            for (int i = 1; i < logits.Length; i++)
            {
                most = Math.Max(most, logits[i]);
            }
            double sum = 0;
            double first = 0;
            double second = 0;
            for (int i = 0; i < logits.Length; i++)
            {
                double logit = logits[i] - most;
                double weight = Math.Exp(inverse * logit);
                sum += weight;
                first += weight * logit;
                second += weight * logit * logit;
            }
            double mean = first / sum;
            slope += mean - (logits[scores.LabelOf(image)] - most);
            curvature += (second / sum) - (mean * mean);
        }
        return (slope / scores.Images, curvature / scores.Images);
    }
}

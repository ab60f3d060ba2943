namespace Tandem.Graphs.Inference;

/// <summary>What batch normalisation is at inference: y = scale[c] * x + shift[c].</summary>
public static class NormalizationAffine
{
    /// <summary>Scale and shift of each channel (Ioffe and Szegedy, 2015), in double precision.</summary>
    /// <param name="gamma">C numbers.</param>
    /// <param name="beta">C numbers.</param>
    /// <param name="mean">C numbers, the running mean.</param>
    /// <param name="variance">C numbers, the running variance.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    public static (double[] Scale, double[] Shift) Of(
        ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, ReadOnlySpan<float> mean, ReadOnlySpan<float> variance, double epsilon)
    {
        double[] scale = new double[gamma.Length];
        double[] shift = new double[gamma.Length];
        for (int c = 0; c < scale.Length; c++)
        {
            scale[c] = gamma[c] / Math.Sqrt(variance[c] + epsilon);
            shift[c] = beta[c] - (mean[c] * scale[c]);
        }
        return (scale, shift);
    }
}

namespace Tandem.Prediction.Kernels;

/// <summary>
/// Finds the covariance under which the measured deviations are likeliest, with a prior on lengths that keeps features without
/// information out. Coordinate search over logarithms: a few hundred factorisations of a small matrix.
/// </summary>
internal static class CovarianceSearch
{
    // More samples tell hardly more about lengths, and cost their cube.
    private const int MostSamples = 110;
    private const int MostRounds = 4;
    private const double FirstStep = 1;
    private const double LeastGain = 0.1;
    private const double TypicalLength = 5;
    private const double LengthSpread = 1.5;
    private const double TypicalDeviation = 0.2;
    private const double TypicalNoise = 0.06;
    private const double LeastNoise = 0.03;

    /// <summary>Searches.</summary>
    /// <param name="features">The features of each sample.</param>
    /// <param name="deviations">The logarithm of measured over expected latency.</param>
    /// <param name="noise">How much noisier than the others each sample is, as a factor of the variance.</param>
    public static Covariance Search(float[][] features, double[] deviations, double[] noise)
    {
        int[] chosen = [.. Enumerable.Range(0, features.Length)];
        if (chosen.Length > MostSamples)
        {
            new Random(1).Shuffle(chosen);
            chosen = chosen[..MostSamples];
        }
        float[][] x = [.. chosen.Select(i => features[i])];
        double[] y = [.. chosen.Select(i => deviations[i])];
        double[] v = [.. chosen.Select(i => noise[i])];
        int lengths = KernelFeatures.Count;
        bool[] varies = [.. Enumerable.Range(0, lengths).Select(j => x.Any(row => row[j] != x[0][j]))];
        var best = new double[lengths + 2];
        Array.Fill(best, -Math.Log(TypicalLength));
        best[lengths] = Math.Log(TypicalDeviation);
        best[lengths + 1] = Math.Log(TypicalNoise);
        double most = LogLikelihood(best, x, y, v);
        double step = FirstStep;
        for (int round = 0; round < MostRounds; round++)
        {
            bool improved = false;
            for (int i = 0; i < best.Length; i++)
            {
                if (i < lengths && !varies[i])
                {
                    continue;
                }
                foreach (double move in new[] { step, -step })
                {
                    double[] tried = [.. best];
                    tried[i] += move;
                    double likelihood = LogLikelihood(tried, x, y, v);
                    if (likelihood > most + LeastGain)
                    {
                        (best, most, improved) = (tried, likelihood, true);
                        break;
                    }
                }
            }
            step = improved ? step : step / 2;
        }
        return Make(best);
    }

    private static Covariance Make(double[] logarithms)
    {
        int lengths = KernelFeatures.Count;
        double noise = Math.Max(LeastNoise, Math.Exp(logarithms[lengths + 1]));
        return new Covariance(
            [.. logarithms.Take(lengths).Select(l => (float)Math.Exp(l)), .. new float[KernelFeatures.Width - lengths]],
            (float)Math.Exp(2 * logarithms[lengths]),
            (float)(noise * noise));
    }

    private static double LogLikelihood(double[] logarithms, float[][] x, double[] y, double[] noise)
    {
        Covariance covariance = Make(logarithms);
        var matrix = new Cholesky(
            x.Length, (i, j) => covariance.Of(x[i], x[j]) + (i == j ? covariance.NoiseVariance * noise[i] : 0));
        double[] solved = matrix.Solve(y);
        double prior = logarithms.Take(KernelFeatures.Count).Sum(l => Math.Pow((l + Math.Log(TypicalLength)) / LengthSpread, 2));
        return -0.5 * (Cholesky.Dot(y, solved, y.Length) + matrix.LogDeterminant + prior);
    }
}

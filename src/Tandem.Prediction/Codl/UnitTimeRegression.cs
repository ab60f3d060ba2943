namespace Tandem.Prediction.Codl;

/// <summary>
/// Linear regression of latencies on terms, with unit times that are never negative, so that what is beyond the samples stays
/// plausible. Minimises relative errors, most of them rather than the worst.
/// </summary>
/// <remarks>
/// CoDL runs gradient descent; coordinate descent on the normal equations ends at the minimum of the same convex problem in
/// microseconds, and keeps the bound.
/// </remarks>
internal static class UnitTimeRegression
{
    private const int MaxSweeps = 3000;
    private const double Converged = 1e-7;
    private const int Reweightings = 6;

    // Errors below this part count alike; larger ones count in proportion, not squared, so that outliers of a busy machine do not lead.
    private const double Tolerance = 0.03;

    // Pulls unit times that no sample tells apart towards zero.
    private const double Ridge = 1e-7;

    /// <summary>The unit times that fit best, and the mean relative error that is left.</summary>
    /// <param name="terms">A row of terms for each sample.</param>
    /// <param name="latencies">A latency above zero for each sample, in milliseconds.</param>
    public static (double[] UnitMs, double Error) Fit(double[][] terms, double[] latencies)
    {
        int count = terms[0].Length;
        double[] scales = Scales(terms, latencies, count);
        var solution = new double[count];
        var weights = new double[terms.Length];
        Array.Fill(weights, 1);
        double error = 0;
        for (int round = 0; round < Reweightings; round++)
        {
            Solve(terms, latencies, scales, weights, solution);
            error = 0;
            for (int i = 0; i < terms.Length; i++)
            {
                double predicted = 0;
                for (int j = 0; j < count; j++)
                {
                    predicted += terms[i][j] / latencies[i] / scales[j] * solution[j];
                }
                double off = Math.Abs(predicted - 1);
                error += off / terms.Length;
                weights[i] = Tolerance / Math.Max(Tolerance, off);
            }
        }
        return ([.. solution.Zip(scales, (x, scale) => x / scale)], error);
    }

    /// <summary>The root mean square of each relative term, by which it is divided; 1 where it is always zero.</summary>
    private static double[] Scales(double[][] terms, double[] latencies, int count)
    {
        var scales = new double[count];
        for (int j = 0; j < count; j++)
        {
            double sum = 0;
            for (int i = 0; i < terms.Length; i++)
            {
                sum += Math.Pow(terms[i][j] / latencies[i], 2);
            }
            scales[j] = sum > 0 ? Math.Sqrt(sum / terms.Length) : 1;
        }
        return scales;
    }

    private static void Solve(double[][] terms, double[] latencies, double[] scales, double[] weights, double[] x)
    {
        int count = x.Length;
        var gram = new double[count, count];
        var right = new double[count];
        var row = new double[count];
        for (int i = 0; i < terms.Length; i++)
        {
            for (int j = 0; j < count; j++)
            {
                row[j] = terms[i][j] / latencies[i] / scales[j];
                right[j] += weights[i] * row[j];
            }
            for (int j = 0; j < count; j++)
            {
                for (int k = 0; k < count; k++)
                {
                    gram[j, k] += weights[i] * row[j] * row[k];
                }
            }
        }
        double ridge = Ridge * terms.Length;
        for (int sweep = 0; sweep < MaxSweeps; sweep++)
        {
            double moved = 0;
            for (int j = 0; j < count; j++)
            {
                double gradient = right[j] - ridge * x[j];
                for (int k = 0; k < count; k++)
                {
                    gradient -= gram[j, k] * x[k];
                }
                double next = Math.Max(0, x[j] + gradient / (gram[j, j] + ridge));
                moved = Math.Max(moved, Math.Abs(next - x[j]));
                x[j] = next;
            }
            if (moved < Converged)
            {
                return;
            }
        }
    }
}

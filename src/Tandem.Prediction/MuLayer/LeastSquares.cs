namespace Tandem.Prediction.MuLayer;

/// <summary>Least squares with coefficients that are not negative, for a handful of terms.</summary>
internal static class LeastSquares
{
    private const double Singular = 1e-12;

    /// <summary>
    /// The coefficients c, none below 0, that make the sum over rows of (row . c - value)^2 least: exact, by trying every set of
    /// terms that may be above 0. Where several sets are equally good, the one with the fewest terms, late terms first.
    /// </summary>
    /// <param name="rows">A row of terms for each sample.</param>
    /// <param name="values">What each row should give.</param>
    /// <param name="isFirstFree">Whether the first coefficient may be below 0 too.</param>
    public static double[] Solve(double[][] rows, double[] values, bool isFirstFree)
    {
        int count = rows[0].Length;
        double[] scales = [.. Enumerable.Range(0, count).Select(i => Math.Max(double.Epsilon, rows.Max(row => Math.Abs(row[i]))))];
        double[][] scaled = [.. rows.Select(row => row.Select((term, i) => term / scales[i]).ToArray())];
        var best = new double[count];
        double least = values.Sum(v => v * v);
        IEnumerable<int> sets = Enumerable.Range(1, (1 << count) - 1)
            .OrderBy(set => int.PopCount(set)).ThenByDescending(set => set);
        foreach (int set in sets)
        {
            int[] used = [.. Enumerable.Range(0, count).Where(i => (set >> i & 1) == 1)];
            if (Unconstrained(scaled, values, used) is not { } solution || !IsAllowed(solution, used, isFirstFree))
            {
                continue;
            }
            double error = Error(scaled, values, used, solution);
            // What rounding alone makes better is not better.
            if (error < least * (1 - 1e-9) - 1e-18)
            {
                least = error;
                best = new double[count];
                for (int i = 0; i < used.Length; i++)
                {
                    best[used[i]] = solution[i] / scales[used[i]];
                }
            }
        }
        return best;
    }

    private static bool IsAllowed(double[] solution, int[] used, bool isFirstFree)
    {
        for (int i = 0; i < used.Length; i++)
        {
            if (solution[i] < 0 && !(isFirstFree && used[i] == 0))
            {
                return false;
            }
        }
        return true;
    }

    private static double Error(double[][] rows, double[] values, int[] used, double[] solution)
    {
        double sum = 0;
        for (int r = 0; r < rows.Length; r++)
        {
            double residual = -values[r];
            for (int i = 0; i < used.Length; i++)
            {
                residual += rows[r][used[i]] * solution[i];
            }
            sum += residual * residual;
        }
        return sum;
    }

    /// <summary>
    /// By modified Gram-Schmidt, which keeps twice the digits that the normal equations do; null where terms depend on each other.
    /// </summary>
    private static double[]? Unconstrained(double[][] rows, double[] values, int[] used)
    {
        int n = used.Length;
        double[][] columns = [.. used.Select(i => rows.Select(row => row[i]).ToArray())];
        double[] rest = [.. values];
        var triangle = new double[n, n];
        var projections = new double[n];
        for (int i = 0; i < n; i++)
        {
            double before = Dot(columns[i], columns[i]);
            for (int j = 0; j < i; j++)
            {
                triangle[j, i] = Dot(columns[j], columns[i]);
                Subtract(columns[i], columns[j], triangle[j, i]);
            }
            double left = Dot(columns[i], columns[i]);
            if (left <= Singular * before || before == 0)
            {
                return null;
            }
            triangle[i, i] = Math.Sqrt(left);
            columns[i] = Array.ConvertAll(columns[i], x => x / triangle[i, i]);
            projections[i] = Dot(columns[i], rest);
            Subtract(rest, columns[i], projections[i]);
        }
        for (int i = n - 1; i >= 0; i--)
        {
            for (int j = i + 1; j < n; j++)
            {
                projections[i] -= triangle[i, j] * projections[j];
            }
            projections[i] /= triangle[i, i];
        }
        return projections;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void Subtract(double[] from, double[] direction, double times)
    {
        for (int i = 0; i < from.Length; i++)
        {
            from[i] -= times * direction[i];
        }
    }
}

namespace Tandem.Prediction.Kernels;

/// <summary>
/// By how much kernels deviate from the law of their family, remembered at a few places: a sparse Gaussian process (projected
/// process, Rasmussen and Williams, chapter 8). Places are chosen by pivoted Cholesky factorisation, each where the
/// least is known so far, and kept as bytes.
/// </summary>
internal sealed class DeviationMap
{
    /// <summary>Places at most: what keeps a family's model below 2 KB.</summary>
    public const int MostPlaces = 100;

    // Places are chosen as long as there is more than this part of the variance left to explain.
    private const double LeastLeft = 0.01;
    private const int Levels = 255;

    private readonly float[] _low;
    private readonly float[] _step;
    private readonly byte[] _places;
    private readonly float[] _weights;
    private readonly float[] _decoded;
    private readonly Covariance _covariance;

    private DeviationMap(Covariance covariance, float[] low, float[] step, byte[] places, float[] weights)
    {
        (_covariance, _low, _step, _places, _weights) = (covariance, low, step, places, weights);
        _decoded = new float[weights.Length * KernelFeatures.Width];
        for (int i = 0; i < places.Length; i++)
        {
            (int place, int feature) = Math.DivRem(i, KernelFeatures.Count);
            _decoded[place * KernelFeatures.Width + feature] = low[feature] + places[i] * step[feature];
        }
    }

    /// <summary>Fits the map.</summary>
    /// <param name="features">The features of each sample.</param>
    /// <param name="deviations">The logarithm of measured over expected latency.</param>
    /// <param name="noise">How much noisier than the others each sample is, as a factor of the variance.</param>
    public static DeviationMap Fit(float[][] features, double[] deviations, double[] noise)
    {
        Covariance covariance = CovarianceSearch.Search(features, deviations, noise);
        int count = KernelFeatures.Count;
        float[] low = [.. Enumerable.Range(0, count).Select(j => features.Min(f => f[j]))];
        float[] step = [.. Enumerable.Range(0, count).Select(j => Math.Max(1e-6f, (features.Max(f => f[j]) - low[j]) / Levels))];
        int[] chosen = Choose(features, covariance);
        byte[] places = [.. chosen.SelectMany(i => features[i].Take(count).Select((f, j) => (byte)MathF.Round((f - low[j]) / step[j])))];
        var map = new DeviationMap(covariance, low, step, places, new float[chosen.Length]);
        map.Solve(features, deviations, noise);
        return map;
    }

    /// <summary>The expected deviation of a kernel, as a logarithm, and the variance of its error.</summary>
    public (double Mean, double Variance) At(ReadOnlySpan<float> features)
    {
        float sum = 0;
        float nearest = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            float similarity = _covariance.Of(features, _decoded.AsSpan(i * features.Length, features.Length));
            sum += _weights[i] * similarity;
            nearest = Math.Max(nearest, similarity);
        }
        // The nearest place alone explains at least this much: an upper bound that needs no matrix.
        double unknown = _covariance.Variance - (double)nearest * nearest / (_covariance.Variance + _covariance.NoiseVariance);
        return (sum, Math.Max(0, unknown) + _covariance.NoiseVariance);
    }

    /// <summary>Writes the map.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write((byte)_weights.Length);
        foreach (float number in _covariance.InverseLengths.Take(KernelFeatures.Count)
            .Concat([_covariance.Variance, _covariance.NoiseVariance]).Concat(_low).Concat(_step).Concat(_weights))
        {
            writer.Write(number);
        }
        writer.Write(_places);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static DeviationMap Read(BinaryReader reader)
    {
        int places = reader.ReadByte();
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => reader.ReadSingle())];
        float[] lengths = Numbers(KernelFeatures.Count);
        var covariance = new Covariance([.. lengths, .. new float[KernelFeatures.Width - lengths.Length]], reader.ReadSingle(), reader.ReadSingle());
        float[] low = Numbers(KernelFeatures.Count);
        float[] step = Numbers(KernelFeatures.Count);
        float[] weights = Numbers(places);
        byte[] bytes = reader.ReadBytes(places * KernelFeatures.Count);
        return bytes.Length == places * KernelFeatures.Count
            ? new DeviationMap(covariance, low, step, bytes, weights)
            : throw new EndOfStreamException();
    }

    private static int[] Choose(float[][] features, Covariance covariance)
    {
        double[] left = [.. features.Select(_ => (double)covariance.Variance)];
        List<double[]> columns = [];
        List<int> chosen = [];
        while (chosen.Count < Math.Min(MostPlaces, features.Length))
        {
            int next = Array.IndexOf(left, left.Max());
            if (left[next] <= LeastLeft * covariance.Variance)
            {
                break;
            }
            double root = Math.Sqrt(left[next]);
            var column = new double[features.Length];
            for (int i = 0; i < column.Length; i++)
            {
                double known = columns.Sum(c => c[i] * c[next]);
                column[i] = (covariance.Of(features[i], features[next]) - known) / root;
                left[i] -= column[i] * column[i];
            }
            left[next] = 0;
            columns.Add(column);
            chosen.Add(next);
        }
        return [.. chosen];
    }

    /// <summary>Weights = (K_mm + K_mn N^-1 K_nm)^-1 K_mn N^-1 y, where N is the noise.</summary>
    private void Solve(float[][] features, double[] deviations, double[] noise)
    {
        int places = _weights.Length;
        int width = KernelFeatures.Width;
        ReadOnlySpan<float> Place(int i) => _decoded.AsSpan(i * width, width);
        double[][] scaled = new double[places][];
        var right = new double[places];
        for (int i = 0; i < places; i++)
        {
            scaled[i] = new double[features.Length];
            for (int n = 0; n < features.Length; n++)
            {
                double deviation = Math.Sqrt(_covariance.NoiseVariance * noise[n]);
                scaled[i][n] = _covariance.Of(features[n], Place(i)) / deviation;
                right[i] += scaled[i][n] * deviations[n] / deviation;
            }
        }
        double jitter = 1e-5 * _covariance.Variance;
        var matrix = new Cholesky(places, (i, j) =>
            _covariance.Of(Place(i), Place(j)) + (i == j ? jitter : 0) + Cholesky.Dot(scaled[i], scaled[j], features.Length));
        double[] solved = matrix.Solve(right);
        for (int i = 0; i < places; i++)
        {
            _weights[i] = (float)solved[i];
        }
    }
}

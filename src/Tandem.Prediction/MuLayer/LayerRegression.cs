namespace Tandem.Prediction.MuLayer;

/// <summary>
/// The regression of one layer type on one processor. Errors are weighed relative to the measured latency, so that small layers
/// count as much as large ones, and latency never falls when a layer grows.
/// </summary>
public sealed class LayerRegression
{
    // A sum of non-negative terms can only be 0 where every feature is; predictions stay above that.
    private const double LeastMs = 1e-6;

    private readonly double[] _coefficients;

    private LayerRegression(RegressionForm form, double[] coefficients)
    {
        Form = form;
        _coefficients = coefficients;
    }

    /// <summary>Its form.</summary>
    public RegressionForm Form { get; }

    /// <summary>Its coefficients, in the order in which <see cref="RegressionForm"/> names them.</summary>
    public IReadOnlyList<double> Coefficients => _coefficients;

    /// <summary>Fits the form that best predicts each layer from the others; with a single layer, the proportional one.</summary>
    /// <exception cref="ArgumentException">There is no sample.</exception>
    public static LayerRegression FitBest(IReadOnlyList<LayerSample> samples)
    {
        RegressionForm best = RegressionForm.Proportional;
        if (samples.DistinctBy(s => s.Layer).Count() > 1)
        {
            double leastError = double.PositiveInfinity;
            foreach (RegressionForm form in Enum.GetValues<RegressionForm>())
            {
                double error = ErrorOnLayersLeftOut(form, samples);
                if (error < leastError)
                {
                    (best, leastError) = (form, error);
                }
            }
        }
        return Fit(best, samples);
    }

    /// <summary>Fits a form.</summary>
    /// <exception cref="ArgumentException">There is no sample.</exception>
    public static LayerRegression Fit(RegressionForm form, IReadOnlyList<LayerSample> samples)
    {
        if (samples.Count == 0)
        {
            throw new ArgumentException("a regression takes at least one sample", nameof(samples));
        }
        bool isLogarithmic = form == RegressionForm.Logarithmic;
        // Dividing a linear equation by its latency makes its residual the relative error.
        double[][] rows = [.. samples.Select(s => isLogarithmic
            ? Terms(form, s.Features)
            : Array.ConvertAll(Terms(form, s.Features), term => term / s.Ms))];
        double[] values = [.. samples.Select(s => isLogarithmic ? Math.Log(s.Ms) : 1)];
        return new LayerRegression(form, LeastSquares.Solve(rows, values, isFirstFree: isLogarithmic));
    }

    /// <summary>The expected latency in milliseconds, above 0.</summary>
    public double PredictMs(LayerFeatures layer)
    {
        double[] terms = Terms(Form, layer);
        double sum = 0;
        for (int i = 0; i < terms.Length; i++)
        {
            sum += _coefficients[i] * terms[i];
        }
        return Math.Max(LeastMs, Form == RegressionForm.Logarithmic ? Math.Exp(sum) : sum);
    }

    private static double[] Terms(RegressionForm form, LayerFeatures layer) => form switch
    {
        RegressionForm.Proportional => [layer.Work],
        RegressionForm.Logarithmic => [1, Math.Log(layer.X1), Math.Log(layer.X2)],
        _ => layer.IsProduct ? [1, layer.X1, layer.X2, layer.Work] : [1, layer.X1, layer.X2],
    };

    /// <summary>The mean relative error on each layer by what is fitted to all others.</summary>
    private static double ErrorOnLayersLeftOut(RegressionForm form, IReadOnlyList<LayerSample> samples)
    {
        double sum = 0;
        foreach (IGrouping<string, LayerSample> layer in samples.GroupBy(s => s.Layer))
        {
            LayerRegression others = Fit(form, [.. samples.Where(s => s.Layer != layer.Key)]);
            sum += layer.Sum(s => Math.Abs(others.PredictMs(s.Features) - s.Ms) / s.Ms);
        }
        return sum / samples.Count;
    }
}

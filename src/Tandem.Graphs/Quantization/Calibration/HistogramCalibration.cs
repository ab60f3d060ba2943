namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>Chooses a range from the histogram of a tensor's numbers.</summary>
public abstract class HistogramCalibration : ICalibrationMethod
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <summary>The range to quantise; zero need not be in it.</summary>
    /// <param name="histogram">At least one number, all of them finite.</param>
    public abstract ValueRange Choose(ActivationHistogram histogram);

    /// <inheritdoc/>
    public IRangeObserver Observe() => new Observer(this);

    private sealed class Observer(HistogramCalibration method) : IRangeObserver
    {
        private readonly ActivationHistogram _histogram = new();

        public ValueRange Range => _histogram.Total == 0 || !float.IsFinite(_histogram.Range.Max - _histogram.Range.Min)
            ? _histogram.Range
            : method.Choose(_histogram);

        public void Add(ReadOnlySpan<float> elements) => _histogram.Add(elements);
    }
}

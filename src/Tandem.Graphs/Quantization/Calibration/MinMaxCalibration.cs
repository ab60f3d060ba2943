namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>Covers every number that was seen: nothing saturates, and one outlier makes the steps coarse for all.</summary>
public sealed class MinMaxCalibration : ICalibrationMethod
{
    /// <inheritdoc/>
    public string Name => "minmax";

    /// <inheritdoc/>
    public IRangeObserver Observe() => new Observer();

    private sealed class Observer : IRangeObserver
    {
        private bool _isAny;

        public ValueRange Range { get; private set; }

        public void Add(ReadOnlySpan<float> elements)
        {
            var range = ValueRange.Of(elements);
            Range = _isAny ? Range.Union(range) : range;
            _isAny = true;
        }
    }
}

namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>Watches the numbers of one tensor over calibration runs, and says which of them bytes should cover.</summary>
public interface IRangeObserver
{
    /// <summary>Takes the tensor's elements in one more run.</summary>
    void Add(ReadOnlySpan<float> elements);

    /// <summary>The range to quantise, from all runs so far; numbers outside saturate.</summary>
    ValueRange Range { get; }
}

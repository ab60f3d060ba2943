namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>A way to choose the range of a tensor's quantisation from what the tensor holds on calibration inputs.</summary>
public interface ICalibrationMethod
{
    /// <summary>The name by which users choose it.</summary>
    string Name { get; }

    /// <summary>A new observer for one tensor.</summary>
    IRangeObserver Observe();
}

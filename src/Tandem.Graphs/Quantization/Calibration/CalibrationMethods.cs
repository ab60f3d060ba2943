namespace Tandem.Graphs.Quantization.Calibration;

/// <summary>The calibration methods by name.</summary>
public static class CalibrationMethods
{
    /// <summary>Every method, the default first.</summary>
    public static IReadOnlyList<ICalibrationMethod> All { get; } =
        [new MinMaxCalibration(), new PercentileCalibration(), new SquaredErrorCalibration(), new EntropyCalibration()];

    /// <summary>The method where none is named.</summary>
    public static ICalibrationMethod Default => All[0];

    /// <summary>Finds a method by name.</summary>
    /// <exception cref="QuantizationException">There is none of that name; the message lists them.</exception>
    public static ICalibrationMethod Named(string name) => All.FirstOrDefault(method => method.Name == name)
        ?? throw new QuantizationException($"there is no calibration method '{name}': use {string.Join(", ", All.Select(m => m.Name))}");
}

namespace Tandem.Progressive.Calibration;

/// <summary>A network that cannot be calibrated, or not with these images.</summary>
public sealed class CalibrationException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public CalibrationException(string message) : base(message) { }
}

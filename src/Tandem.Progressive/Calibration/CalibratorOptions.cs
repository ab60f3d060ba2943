namespace Tandem.Progressive.Calibration;

/// <summary>How a network is calibrated.</summary>
public sealed record CalibratorOptions
{
    /// <summary>The accuracy that the chosen thresholds may lose against the last exit alone, as a fraction.</summary>
    /// <value>0.01: one point.</value>
    public double MaxLoss { get; init; } = 0.01;

    /// <summary>Whether each exit gets a temperature, so that its confidence equals its accuracy; else all have 1.</summary>
    public bool FitsTemperatures { get; init; }

    /// <summary>Whether each exit may get a threshold of its own; else all get the same.</summary>
    public bool PerExit { get; init; }
}

namespace Tandem.Cli.Output;

/// <summary>What 'tandem quantize' tells.</summary>
/// <param name="Model">The network.</param>
/// <param name="Path">The quantised network's file.</param>
/// <param name="OriginalBytes">The size of the network as a file in float32.</param>
/// <param name="QuantizedBytes">The size of the file.</param>
/// <param name="CalibrationImages">How many images ranges were taken from.</param>
/// <param name="Method">How.</param>
/// <param name="Results">The accuracy in float32 and in 8 bits.</param>
internal sealed record QuantizationReport(
    string Model, string Path, long OriginalBytes, long QuantizedBytes, int CalibrationImages, string Method,
    IReadOnlyList<AccuracyResult> Results);

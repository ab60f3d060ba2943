namespace Tandem.Graphs.Exits;

/// <summary>How good an exit is when every image leaves there.</summary>
/// <param name="Accuracy">The fraction of images whose class is right, 0 to 1.</param>
/// <param name="ErrorBefore">The expected calibration error with temperature 1: by how much confidence misses accuracy, 0 to 1.</param>
/// <param name="ErrorAfter">The same with the exit's temperature.</param>
/// <param name="Bins">Confidence against accuracy with the exit's temperature; bins without images are left out.</param>
public sealed record ExitQuality(double Accuracy, double ErrorBefore, double ErrorAfter, IReadOnlyList<ReliabilityBin> Bins);

/// <summary>The images whose confidence lies in one interval.</summary>
/// <param name="Share">The fraction of all images that they are.</param>
/// <param name="Confidence">Their mean confidence.</param>
/// <param name="Accuracy">The fraction of them whose class is right.</param>
public sealed record ReliabilityBin(double Share, double Confidence, double Accuracy);

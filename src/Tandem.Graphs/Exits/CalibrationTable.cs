namespace Tandem.Graphs.Exits;

/// <summary>
/// What was found out about a progressive network's exits on labelled images that it was not trained on: all that a scheduler must know to
/// choose thresholds.
/// </summary>
/// <param name="Data">What the images were, such as "test.bin".</param>
/// <param name="Images">How many of them thresholds were chosen by.</param>
/// <param name="FullMacs">Multiply-accumulates of the network without early exits and their heads, for batch 1.</param>
/// <param name="Exits">How good each exit is alone.</param>
/// <param name="Points">One threshold for all exits, from the least to the greatest.</param>
/// <param name="Chosen">The thresholds that the exits now have, on the same images.</param>
public sealed record CalibrationTable(
    string Data, int Images, long FullMacs, IReadOnlyList<ExitQuality> Exits, IReadOnlyList<OperatingPoint> Points, OperatingPoint Chosen)
{
    /// <summary>Thresholds that differ from exit to exit, from the cheapest point to the most accurate; empty where none were searched.</summary>
    public IReadOnlyList<OperatingPoint> PerExit { get; init; } = [];

    /// <summary>The chosen thresholds on <see cref="TestImages"/> that neither training nor calibration saw; null where none were left for that.</summary>
    public OperatingPoint? Test { get; init; }

    /// <summary>The accuracy of the last exit alone on the same images as <see cref="Test"/>; null where there were none.</summary>
    public double? TestAccuracyOfLast { get; init; }

    /// <summary>The number of images of <see cref="Test"/>.</summary>
    public int TestImages { get; init; }

    /// <summary>What the device on which calibration ran takes; empty where that was not asked for.</summary>
    public IReadOnlyList<ProcessorCost> Processors { get; init; } = [];

    /// <summary>Whether everything in it is of as many exits as the network has.</summary>
    internal bool Fits(int exits) =>
        Exits.Count == exits
        && Points.Concat(PerExit).Append(Chosen).Concat(Test is null ? [] : [Test])
            .All(point => point.Shares.Count == exits && point.Thresholds.Count == exits - 1)
        && Processors.All(p => p.Milliseconds.Count == exits && (p.Millijoules is null || p.Millijoules.Count == exits));
}

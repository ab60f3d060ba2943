namespace Tandem.Learning.Metrics;

/// <summary>Curves over one horizontal axis; pure data, to be drawn by whoever can.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Horizontal">The horizontal axis with its unit, such as "epoch".</param>
/// <param name="Vertical">The vertical axis with its unit, such as "accuracy, %".</param>
/// <param name="Curves">None of them is without points.</param>
public sealed record CurveChart(string Title, string Horizontal, string Vertical, IReadOnlyList<Curve> Curves);

/// <summary>A named curve.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">From left to right; a point whose value is not finite interrupts the curve.</param>
public sealed record Curve(string Name, IReadOnlyList<CurvePoint> Points);

/// <summary>A point of a curve, in the units of the axes.</summary>
public readonly record struct CurvePoint(double X, double Y);

namespace Tandem.Graphs.Exits;

/// <summary>What a progressive network does with certain thresholds.</summary>
/// <param name="Thresholds">The threshold of every exit but the last, in the order of the exits; above 1 none leaves there.</param>
/// <param name="Accuracy">The fraction of images whose class is right, 0 to 1.</param>
/// <param name="Shares">The fraction of images that leave at each exit, the last included; they add up to 1.</param>
public sealed record OperatingPoint(IReadOnlyList<double> Thresholds, double Accuracy, IReadOnlyList<double> Shares)
{
    /// <summary>What an inference costs on average, in whatever unit the exits' costs are.</summary>
    /// <param name="exitCosts">What an inference costs that leaves at each exit.</param>
    public double Expected(IEnumerable<double> exitCosts) => Shares.Zip(exitCosts, (share, cost) => share * cost).Sum();
}

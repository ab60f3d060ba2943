using Tandem.Graphs.Exits;

namespace Tandem.Progressive.Calibration;

/// <summary>The points that no other beats in both cost and accuracy.</summary>
public static class ParetoFront
{
    /// <summary>The front, from the cheapest point to the most accurate; of equal points the first only.</summary>
    /// <param name="points">The points.</param>
    /// <param name="exitCosts">What it costs to leave at each exit, in any unit.</param>
    public static IReadOnlyList<OperatingPoint> Of(IEnumerable<OperatingPoint> points, IReadOnlyList<double> exitCosts)
    {
        List<OperatingPoint> front = [];
        // The sort is stable, so equal points stay in their order.
        foreach (OperatingPoint point in points.OrderBy(p => p.Expected(exitCosts)).ThenByDescending(p => p.Accuracy))
        {
            if (front.Count == 0 || point.Accuracy > front[^1].Accuracy)
            {
                front.Add(point);
            }
        }
        return front;
    }
}

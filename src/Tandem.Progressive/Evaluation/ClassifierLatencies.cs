using System.Diagnostics;
using Tandem.Prediction;

namespace Tandem.Progressive.Evaluation;

/// <summary>
/// Measures classifiers in turns, as <see cref="Execution.InterleavedRuns"/> measures plans: every round has another order, and each
/// turn begins with a run that does not count. Only ratios mean something.
/// </summary>
public static class ClassifierLatencies
{
    private const int WarmUps = 2;
    private const int OrderSeed = 11;

    /// <summary>Latencies of each classifier, in the given order, on the image that it holds.</summary>
    /// <param name="classifiers">The classifiers.</param>
    /// <param name="rounds">Counted rounds, at least 1.</param>
    /// <param name="cancellation">Stops between two runs.</param>
    public static IReadOnlyList<LatencyStatistics> Measure(
        IReadOnlyList<IClassifier> classifiers, int rounds, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        double[][] times = [.. classifiers.Select(_ => new double[rounds])];
        int[] order = [.. Enumerable.Range(0, classifiers.Count)];
        var random = new Random(OrderSeed);
        for (int round = -WarmUps; round < rounds; round++)
        {
            random.Shuffle(order);
            foreach (int i in order)
            {
                classifiers[i].Run(cancellation);
                long start = Stopwatch.GetTimestamp();
                classifiers[i].Run(cancellation);
                if (round >= 0)
                {
                    times[i][round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }
            }
        }
        return [.. times.Select(LatencyStatistics.Of)];
    }
}

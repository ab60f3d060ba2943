using Tandem.Prediction;

namespace Tandem.Execution;

/// <summary>
/// Measures several executors in one go, taking turns, so that a machine whose speed drifts is equally fair to all. Every round
/// has another order, and each turn begins with a run that does not count: what is measured is a plan that runs again and again,
/// not what the plan before it left in the caches or where the scheduler put its threads. Only ratios mean something.
/// </summary>
public static class InterleavedRuns
{
    private const int OrderSeed = 11;

    /// <summary>Latencies of each executor, in the given order.</summary>
    /// <param name="executors">The executors; their inputs are already filled.</param>
    /// <param name="warmUps">Rounds that are not counted.</param>
    /// <param name="runs">Rounds that are counted.</param>
    /// <param name="afterRun">Called after each counted run with the executor's index, for whoever wants traces.</param>
    /// <param name="cancellation">Stops between two runs.</param>
    /// <exception cref="ArgumentOutOfRangeException">No run is to be counted, or the number of warm-ups is negative.</exception>
    public static IReadOnlyList<LatencyStatistics> Measure(
        IReadOnlyList<PlanExecutor> executors,
        int warmUps,
        int runs,
        Action<int>? afterRun = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmUps);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        double[][] times = [.. executors.Select(_ => new double[runs])];
        int[] order = [.. Enumerable.Range(0, executors.Count)];
        var random = new Random(OrderSeed);
        for (int round = -warmUps; round < runs; round++)
        {
            random.Shuffle(order);
            foreach (int i in order)
            {
                executors[i].Run(cancellation);
                executors[i].Run(cancellation);
                if (round >= 0)
                {
                    times[i][round] = executors[i].LastMs;
                    afterRun?.Invoke(i);
                }
            }
        }
        return [.. times.Select(LatencyStatistics.Of)];
    }
}

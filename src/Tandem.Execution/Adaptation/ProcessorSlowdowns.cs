namespace Tandem.Execution.Adaptation;

/// <summary>
/// How many times as long as predicted each processor took lately. Times are milliseconds. Used by one thread at a time; nothing
/// is allocated after it is made.
/// </summary>
internal sealed class ProcessorSlowdowns
{
    /// <summary>Below this a processor is as fast as it was measured to be: times vary by so much without any load.</summary>
    public const double Least = 1.15;

    private readonly RecentMedian[] _medians;

    /// <summary>Begins with nothing known.</summary>
    /// <param name="processors">How many there are.</param>
    /// <param name="halfLifeMs">After this time an observation counts half.</param>
    public ProcessorSlowdowns(int processors, double halfLifeMs) =>
        _medians = [.. Enumerable.Range(0, processors).Select(_ => new RecentMedian(halfLifeMs))];

    /// <summary>How often a processor was observed.</summary>
    public int Count(int processor) => _medians[processor].Count;

    /// <summary>The slowdown of a processor; 1 where nothing is known of it.</summary>
    public double Of(int processor) => Count(processor) == 0 ? 1 : _medians[processor].Value;

    /// <summary>Takes in an observation.</summary>
    public void Add(int processor, double slowdown, double nowMs) => _medians[processor].Add(slowdown, nowMs);

    /// <summary>What is not seen from the plan in use is as it was last seen, or as bad as the worst that is seen.</summary>
    public void Fill(double[] factors)
    {
        double worst = 1;
        foreach (RecentMedian median in _medians)
        {
            worst = median.Count == 0 ? worst : Math.Max(worst, median.Value);
        }
        for (int p = 0; p < factors.Length; p++)
        {
            factors[p] = Count(p) == 0 ? worst : _medians[p].Value;
        }
    }

    /// <summary>The slowest of some processors, and how many times as slow as the fastest of them it is.</summary>
    /// <param name="busyMs">Above 0 for those that are compared.</param>
    /// <param name="leastCount">How often each must have been observed.</param>
    /// <param name="ratio">1 where too little is known.</param>
    /// <returns>The processor; <see cref="PlanAdapter.None"/> where too little is known.</returns>
    public int Slowest(ReadOnlySpan<double> busyMs, int leastCount, out double ratio)
    {
        ratio = 1;
        int slowest = PlanAdapter.None;
        double leastValue = double.PositiveInfinity;
        for (int p = 0; p < busyMs.Length; p++)
        {
            if (busyMs[p] == 0)
            {
                continue;
            }
            if (Count(p) < leastCount)
            {
                return PlanAdapter.None;
            }
            slowest = slowest == PlanAdapter.None || Of(p) > Of(slowest) ? p : slowest;
            leastValue = Math.Min(leastValue, Of(p));
        }
        ratio = slowest == PlanAdapter.None ? 1 : Of(slowest) / leastValue;
        return slowest;
    }
}

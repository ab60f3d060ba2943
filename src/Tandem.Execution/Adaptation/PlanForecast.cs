using Tandem.Planning;

namespace Tandem.Execution.Adaptation;

/// <summary>
/// What a plan is expected to take when its processors are slower than they were when it was made. Plays the plan's steps: each starts
/// when its processor and everything it depends on have ended. Used by one thread at a time; asking allocates nothing.
/// </summary>
internal sealed class PlanForecast
{
    private readonly double[] _stepMs;
    private readonly double[] _endMs;
    private readonly double[] _freeAtMs;
    private readonly double[] _busyMs;
    private double _handicap = 1;

    /// <summary>Prepares the forecasts of a plan.</summary>
    /// <param name="plan">The plan; its steps' predictions are those without any slowdown.</param>
    /// <param name="processors">All processors, in the order in which slowdowns are given.</param>
    public PlanForecast(Plan plan, WorkerNames processors)
    {
        ProcessorOfStep = [.. plan.Steps.Select(step => processors.IndexOf(step.Processor))];
        Dependencies = [.. plan.Steps.Select(step => step.DependsOn.Where(id => ProcessorOfStep[id] != ProcessorOfStep[step.Id]).ToArray())];
        _stepMs = [.. plan.Steps.Select(step => step.PredictedMs)];
        _endMs = new double[plan.Steps.Count];
        _freeAtMs = new double[processors.Count];
        _busyMs = new double[processors.Count];
        for (int step = 0; step < _stepMs.Length; step++)
        {
            _busyMs[ProcessorOfStep[step]] += _stepMs[step];
        }
    }

    /// <summary>For each step, the place of its processor.</summary>
    public int[] ProcessorOfStep { get; }

    /// <summary>For each step, the steps of other processors that it waits for.</summary>
    public int[][] Dependencies { get; }

    /// <summary>How long each processor is expected to be occupied when nothing slows it down, in milliseconds; 0 where it has no step.</summary>
    public ReadOnlySpan<double> BusyMs => _busyMs;

    /// <summary>Whether anything is predicted of the plan at all.</summary>
    public bool IsKnown => Array.TrueForAll(_busyMs, double.IsFinite) && Array.Exists(_busyMs, ms => ms > 0);

    /// <summary>
    /// Says that the plan is not believed to be faster than another when nothing is slow: that one was found by running plans, this
    /// one's time is an estimate, and of many estimates the lowest are too low.
    /// </summary>
    /// <param name="leastMs">What the other takes when nothing is slow, in milliseconds.</param>
    public void BelieveNoFasterThan(double leastMs)
    {
        Span<double> unslowed = stackalloc double[_freeAtMs.Length];
        unslowed.Fill(1);
        _handicap = 1;
        _handicap = Math.Max(1, leastMs / LatencyMs(unslowed));
    }

    /// <summary>The expected latency of an inference in milliseconds.</summary>
    /// <param name="slowdowns">For each processor, how many times as long as predicted it takes.</param>
    public double LatencyMs(ReadOnlySpan<double> slowdowns)
    {
        Array.Clear(_freeAtMs);
        double latency = 0;
        for (int step = 0; step < _stepMs.Length; step++)
        {
            int processor = ProcessorOfStep[step];
            double start = _freeAtMs[processor];
            foreach (int dependency in Dependencies[step])
            {
                start = Math.Max(start, _endMs[dependency]);
            }
            double end = start + (_stepMs[step] * slowdowns[processor]);
            _endMs[step] = _freeAtMs[processor] = end;
            latency = Math.Max(latency, end);
        }
        return latency * _handicap;
    }
}

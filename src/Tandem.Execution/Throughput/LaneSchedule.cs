using Tandem.Execution.Adaptation;

namespace Tandem.Execution.Throughput;

/// <summary>
/// Decides which lane takes which waiting inference: each, in the order in which they wait, goes to the lane that is expected to finish it
/// first, given what that lane still has to do (list scheduling on unrelated machines). A slow lane so takes an inference only when
/// it would not be done sooner by waiting for a fast one.
/// </summary>
/// <remarks>Pure: knows neither clock nor thread. Times are milliseconds. Used by one thread at a time.</remarks>
internal sealed class LaneSchedule
{
    private const double HalfLifeMs = 1000;

    private readonly RecentMedian[] _measured;
    private readonly double[] _predictedMs;
    private readonly double[] _beganMs;
    private readonly double[] _freeAtMs;
    private readonly bool[] _isUp;
    private readonly bool[] _isWarm;

    /// <summary>Begins with idle lanes.</summary>
    /// <param name="predictedMs">What an inference is expected to take in each lane; 0 where that is not known.</param>
    public LaneSchedule(IReadOnlyList<double> predictedMs)
    {
        _predictedMs = [.. predictedMs];
        _measured = [.. predictedMs.Select(_ => new RecentMedian(HalfLifeMs))];
        _beganMs = new double[_predictedMs.Length];
        Array.Fill(_beganMs, double.NaN);
        _freeAtMs = new double[_predictedMs.Length];
        _isWarm = new bool[_predictedMs.Length];
        _isUp = new bool[_predictedMs.Length];
        Array.Fill(_isUp, true);
    }

    /// <summary>How many lanes have not failed.</summary>
    public int Up => _isUp.Count(isUp => isUp);

    /// <summary>Whether a lane has not failed.</summary>
    public bool IsUp(int lane) => _isUp[lane];

    /// <summary>What an inference takes in a lane: measured lately, else predicted, else 0.</summary>
    public double LatencyMs(int lane) => _measured[lane].Count > 0 ? _measured[lane].Value : _predictedMs[lane];

    /// <summary>A lane begins an inference.</summary>
    public void Begin(int lane, double nowMs) => _beganMs[lane] = nowMs;

    /// <summary>A lane has ended an inference; one that failed says nothing about latency.</summary>
    public void End(int lane, double nowMs, bool isSuccess)
    {
        double tookMs = nowMs - _beganMs[lane];
        _beganMs[lane] = double.NaN;
        if (!isSuccess)
        {
            return;
        }
        if (_isWarm[lane])
        {
            _measured[lane].Add(tookMs, nowMs);
        }
        // The first inference finds cold caches and is no measure.
        _isWarm[lane] = true;
    }

    /// <summary>A lane can be used no more.</summary>
    public void Remove(int lane) => _isUp[lane] = false;

    /// <summary>A lane does its work in another way from now on: what was measured of it does not hold any more.</summary>
    public void Reset(int lane, double predictedMs)
    {
        _measured[lane].Clear();
        (_predictedMs[lane], _isWarm[lane]) = (predictedMs, false);
    }

    /// <summary>The place among the waiting inferences of the one that an idle lane should begin now; -1 where it should wait.</summary>
    /// <param name="lane">The idle lane.</param>
    /// <param name="waiting">How many inferences wait.</param>
    /// <param name="nowMs">The time.</param>
    public int Next(int lane, int waiting, double nowMs)
    {
        if (!_isUp[lane])
        {
            return -1;
        }
        for (int i = 0; i < _freeAtMs.Length; i++)
        {
            _freeAtMs[i] = FreeAtMs(i, nowMs);
        }
        for (int place = 0; place < waiting; place++)
        {
            int first = FirstToFinish();
            // A lane of which nothing is known yet is measured by using it.
            if (first == lane || LatencyMs(lane) == 0)
            {
                return place;
            }
            _freeAtMs[first] += LatencyMs(first);
        }
        return -1;
    }

    private int FirstToFinish()
    {
        int first = -1;
        double firstMs = double.PositiveInfinity;
        for (int i = 0; i < _freeAtMs.Length; i++)
        {
            double endMs = _freeAtMs[i] + LatencyMs(i);
            if (_isUp[i] && endMs < firstMs)
            {
                (first, firstMs) = (i, endMs);
            }
        }
        return first;
    }

    /// <summary>A lane that is late is expected to need as long again as it is late: the later, the less is it waited for.</summary>
    private double FreeAtMs(int lane, double nowMs)
    {
        if (double.IsNaN(_beganMs[lane]))
        {
            return nowMs;
        }
        double dueMs = _beganMs[lane] + LatencyMs(lane);
        return dueMs >= nowMs ? dueMs : nowMs + (nowMs - dueMs);
    }
}

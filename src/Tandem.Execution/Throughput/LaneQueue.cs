using System.Diagnostics;

namespace Tandem.Execution.Throughput;

/// <summary>
/// The inferences that wait, and the lanes that take them. A lane asks when it is idle, so no inference is bound to a lane
/// before that lane can begin it. Safe for use by several threads.
/// </summary>
internal sealed class LaneQueue
{
    private readonly object _gate = new();
    private readonly List<Inference> _waiting = [];
    private readonly LaneSchedule _schedule;
    private readonly long[] _ended;
    private bool _isClosed;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="predictedMs">What an inference is expected to take in each lane; 0 where that is not known.</param>
    public LaneQueue(IReadOnlyList<double> predictedMs)
    {
        _schedule = new LaneSchedule(predictedMs);
        _ended = new long[predictedMs.Count];
    }

    private static double NowMs => Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency;

    /// <summary>Whether a lane may be used.</summary>
    public bool IsUp(int lane)
    {
        lock (_gate)
        {
            return _schedule.IsUp(lane);
        }
    }

    /// <summary>How many inferences a lane has ended well.</summary>
    public long Ended(int lane)
    {
        lock (_gate)
        {
            return _ended[lane];
        }
    }

    /// <summary>Lets an inference wait, behind the others or, where it has waited before, ahead of them.</summary>
    public void Add(Inference inference, bool isFirst = false)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _waiting.Insert(isFirst ? 0 : _waiting.Count, inference);
                Monitor.PulseAll(_gate);
                return;
            }
        }
        inference.Fail(Closed());
    }

    /// <summary>The next inference of a lane; waits until there is one, and gives null when the lane is to end.</summary>
    public Inference? Take(int lane)
    {
        lock (_gate)
        {
            while (!_isClosed && _schedule.IsUp(lane))
            {
                double nowMs = NowMs;
                int place = _schedule.Next(lane, _waiting.Count, nowMs);
                if (place >= 0)
                {
                    Inference next = _waiting[place];
                    _waiting.RemoveAt(place);
                    _schedule.Begin(lane, nowMs);
                    return next;
                }
                // Left to a faster lane, which may be late: looked at again after as long as this lane would have taken.
                int againMs = _waiting.Count == 0 ? Timeout.Infinite : (int)Math.Clamp(_schedule.LatencyMs(lane), 1, 1000);
                Monitor.Wait(_gate, againMs);
            }
            return null;
        }
    }

    /// <summary>A lane has ended its inference.</summary>
    public void End(int lane, bool isSuccess)
    {
        lock (_gate)
        {
            _schedule.End(lane, NowMs, isSuccess);
            _ended[lane] += isSuccess ? 1 : 0;
        }
    }

    /// <summary>Takes lanes that failed together out of use.</summary>
    /// <param name="lanes">The lanes.</param>
    /// <param name="kept">The one of them that stays in use where no other lane is left.</param>
    /// <param name="other">A lane that is left; -1 where that is the kept one alone.</param>
    /// <returns>False where they were taken out of use before.</returns>
    public bool TryRemove(IReadOnlyList<int> lanes, int kept, out int other)
    {
        lock (_gate)
        {
            int left = Enumerable.Range(0, _ended.Length).FirstOrDefault(i => !lanes.Contains(i) && _schedule.IsUp(i), -1);
            other = left;
            if (!_schedule.IsUp(kept))
            {
                return false;
            }
            foreach (int lane in lanes.Where(lane => lane != kept || left >= 0))
            {
                _schedule.Remove(lane);
            }
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>A lane has another plan from now on.</summary>
    public void Reset(int lane, double predictedMs)
    {
        lock (_gate)
        {
            _schedule.Reset(lane, predictedMs);
        }
    }

    /// <summary>Ends an inference that still waits, because nobody wants it any more.</summary>
    public void Cancel(Inference inference)
    {
        lock (_gate)
        {
            if (!_waiting.Remove(inference))
            {
                return;
            }
        }
        inference.Fail(new OperationCanceledException(inference.Cancellation));
    }

    /// <summary>Ends every lane as soon as it is idle, and every inference that waits.</summary>
    public void Close()
    {
        Inference[] left;
        lock (_gate)
        {
            _isClosed = true;
            left = [.. _waiting];
            _waiting.Clear();
            Monitor.PulseAll(_gate);
        }
        Array.ForEach(left, inference => inference.Fail(Closed()));
    }

    private static ObjectDisposedException Closed() =>
        new(nameof(ThroughputSession), "the session was closed before this inference began");
}

namespace Tandem.Execution.Adaptation;

/// <summary>
/// The trial that runs, and when plans that lost one may be tried again: each time after twice the time, and so late that trying costs
/// no more than the given part of all time.
/// </summary>
internal sealed class PlanTrials
{
    private const double FirstBackoffMs = 2_000;
    private const double LongestBackoffMs = 60_000;

    private readonly double[] _blockedUntilMs;
    private readonly double[] _backoffMs;
    private readonly double _probeMs;
    private readonly double _probeShare;
    private double _costMs;
    private double _nextProbeMs;
    private double _probeIntervalMs;

    public PlanTrials(int plans, AdaptationOptions options)
    {
        _blockedUntilMs = new double[plans];
        Array.Fill(_blockedUntilMs, double.NegativeInfinity);
        _backoffMs = new double[plans];
        Array.Fill(_backoffMs, FirstBackoffMs);
        _probeMs = options.ProbeInterval.TotalMilliseconds;
        _probeShare = options.ProbeShare;
    }

    /// <summary>The plan that was used before the trial that runs; <see cref="PlanAdapter.None"/> where none runs.</summary>
    public int Running { get; private set; } = PlanAdapter.None;

    /// <summary>What that plan took, in milliseconds.</summary>
    public double ReferenceMs { get; private set; }

    /// <summary>Why the trial runs.</summary>
    public PlanChangeReason Reason { get; private set; }

    public bool IsBlocked(int plan, double nowMs) => nowMs < _blockedUntilMs[plan];

    public bool IsProbeDue(double nowMs) => nowMs >= _nextProbeMs;

    public void Block(int plan, double untilMs) => _blockedUntilMs[plan] = untilMs;

    public void Begin(int from, double referenceMs, PlanChangeReason reason)
    {
        (Running, ReferenceMs, Reason) = (from, referenceMs, reason);
        _costMs = 0;
    }

    /// <summary>Adds what the trial cost more than the plan before would have.</summary>
    public void AddCost(double ms) => _costMs += Math.Max(0, ms);

    public void Accept(int plan, double nowMs)
    {
        Running = PlanAdapter.None;
        _backoffMs[plan] = FirstBackoffMs;
        _probeIntervalMs = _probeMs;
        _nextProbeMs = nowMs + _probeIntervalMs;
    }

    public void Reject(int plan, double nowMs)
    {
        Running = PlanAdapter.None;
        double pauseMs = _costMs / _probeShare;
        if (plan == PlanAdapter.Home)
        {
            // Coming back late costs too, so this grows slowly.
            _probeIntervalMs = Math.Min(LongestBackoffMs, 1.25 * _probeIntervalMs);
            _nextProbeMs = nowMs + Math.Max(_probeIntervalMs, pauseMs);
            _blockedUntilMs[plan] = nowMs + _probeMs;
            return;
        }
        _blockedUntilMs[plan] = Math.Max(_blockedUntilMs[plan], nowMs + Math.Max(_backoffMs[plan], pauseMs));
        _backoffMs[plan] = Math.Min(LongestBackoffMs, 2 * _backoffMs[plan]);
    }
}

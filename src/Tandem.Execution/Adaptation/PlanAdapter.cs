namespace Tandem.Execution.Adaptation;

/// <summary>
/// Decides after each inference which of some plans the next one uses. Compares what processors took with what was predicted, wishes
/// for the plan that is expected to be fastest at those slowdowns, tries it, and keeps it where it really is faster. Comes back to
/// the first plan when the slowdowns are gone, and tries it now and then where that cannot be seen from the plan in use.
/// </summary>
/// <remarks>
/// Pure: it knows neither clock nor thread nor processor. Used by one thread at a time; observing allocates nothing. Times are
/// milliseconds. Inferences shorter than <see cref="ObservationMs"/> are taken together, because a system that divides a core
/// between programs does so in pieces of several milliseconds.
/// </remarks>
internal sealed class PlanAdapter
{
    /// <summary>The plan that a session begins with.</summary>
    public const int Home = 0;

    /// <summary>No plan.</summary>
    public const int None = -1;

    private const double ObservationMs = 25;
    private const double HalfLifeMs = 100;
    private const int LeastObservations = 3;
    private const int Confirmations = 2;
    private const double HomeGain = 1.05;
    private const double LeastTrialGain = 1.03;

    // Between equals the first plan is taken: it was chosen with more care.
    private const double LeastHomeGain = 0.98;

    // A plan that is tried again although it was good before, and is this much slower, is not worth a second inference.
    private const double HopelessProbe = 1.25;

    private readonly List<PlanForecast> _plans;
    private readonly AdaptationOptions _options;
    private readonly PlanTrials _trials;
    private readonly ProcessorSlowdowns _slowdowns;
    private readonly RecentMedian _latency = new(HalfLifeMs);
    private readonly ChoiceReview _review;
    private readonly bool[] _isReady;
    private readonly double[] _factors;
    private readonly double[] _unslowed;
    private readonly double[] _occupiedMs;
    private readonly double _homeMs;
    private double _sumMs;
    private int _count;
    private int _toSkip;
    private int _wish = None;
    private int _confirmed;

    /// <summary>Begins with the first plan.</summary>
    /// <param name="plans">The plans; something is predicted of each.</param>
    /// <param name="options">How readily plans are changed.</param>
    /// <param name="mostPlans">How many plans there may be in the end.</param>
    public PlanAdapter(IReadOnlyList<PlanForecast> plans, AdaptationOptions options, int mostPlans)
    {
        _plans = new(mostPlans);
        _plans.AddRange(plans);
        _options = options;
        _trials = new PlanTrials(mostPlans, options);
        int processors = plans[0].BusyMs.Length;
        _slowdowns = new ProcessorSlowdowns(processors, HalfLifeMs);
        _factors = new double[processors];
        _occupiedMs = new double[processors];
        _unslowed = new double[processors];
        Array.Fill(_unslowed, 1);
        _isReady = new bool[mostPlans];
        _isReady[Home] = true;
        Array.Fill(_factors, 1);
        _review = new ChoiceReview(plans, options.InferencesBeforeReview);
        _homeMs = _plans[Home].LatencyMs(_factors);
        _plans.ForEach(plan => plan.BelieveNoFasterThan(_homeMs));
    }

    /// <summary>The plan of the next inference.</summary>
    public int Current { get; private set; }

    /// <summary>The plan that is expected to be fastest and should be made ready; <see cref="None"/> where the one in use is.</summary>
    public int Wanted { get; private set; } = None;

    /// <summary>The last change of plan that proved right.</summary>
    public PlanChange LastChange { get; private set; }

    /// <summary>How many changes of plan have proved right.</summary>
    public int Changes { get; private set; }

    /// <summary>Whether a plain plan was measured to be faster than the first, with no other reason than that it always was.</summary>
    public bool IsChoiceDisproved { get; private set; }

    /// <summary>The plan that is used again where the one in use proves slower; <see cref="None"/> where it is no trial.</summary>
    public int ReturnsTo => _trials.Running;

    /// <summary>How many times as slow as the fastest the slowest of the first plan's processors is; 1 where too little is known.</summary>
    public double Imbalance(out int slowest)
    {
        slowest = _slowdowns.Slowest(_plans[Home].BusyMs, LeastObservations, out double ratio);
        return ratio;
    }

    /// <summary>Takes in another plan; gives its number.</summary>
    public int Add(PlanForecast plan)
    {
        plan.BelieveNoFasterThan(_homeMs);
        _plans.Add(plan);
        return _plans.Count - 1;
    }

    /// <summary>Whether a processor has run.</summary>
    public bool IsObserved(int processor) => _slowdowns.Count(processor) > 0;

    /// <summary>How many times as long as predicted a processor takes; 1 where nothing is known of it.</summary>
    public double Slowdown(int processor) => _slowdowns.Of(processor);

    /// <summary>Says whether a plan can be used for the next inference.</summary>
    public void SetReady(int plan, bool isReady) => _isReady[plan] = isReady;

    /// <summary>A plan cannot be used at all.</summary>
    public void Exclude(int plan)
    {
        _isReady[plan] = false;
        _trials.Block(plan, double.PositiveInfinity);
    }

    /// <summary>Takes in an inference of the current plan and decides about the next.</summary>
    /// <param name="nowMs">When it ended, on any clock that only goes forward.</param>
    /// <param name="latencyMs">What it took.</param>
    /// <param name="occupiedMs">How long it occupied each processor.</param>
    /// <returns>The plan of the next inference.</returns>
    public int Observe(double nowMs, double latencyMs, ReadOnlySpan<double> occupiedMs)
    {
        if (_toSkip > 0)
        {
            // The first inference of a plan finds cold caches and workers asleep.
            _toSkip--;
            _trials.AddCost(latencyMs - _trials.ReferenceMs);
            return Current;
        }
        _sumMs += latencyMs;
        _count++;
        for (int p = 0; p < _occupiedMs.Length; p++)
        {
            _occupiedMs[p] += occupiedMs[p];
        }
        if (_sumMs < ObservationMs)
        {
            return Current;
        }
        (double meanMs, int count) = (_sumMs / _count, _count);
        TakeIn(nowMs, meanMs);
        return Current = _trials.Running == None ? Decide(nowMs) : Judge(nowMs, meanMs, count);
    }

    private void TakeIn(double nowMs, double meanMs)
    {
        _latency.Add(meanMs, nowMs);
        ReadOnlySpan<double> busyMs = _plans[Current].BusyMs;
        for (int p = 0; p < _occupiedMs.Length; p++)
        {
            if (busyMs[p] > 0)
            {
                _slowdowns.Add(p, _occupiedMs[p] / (_count * busyMs[p]), nowMs);
            }
        }
        if (Current == Home)
        {
            _review.Add(_count, meanMs, nowMs);
        }
        Forget();
    }

    private void Forget()
    {
        (_sumMs, _count) = (0, 0);
        Array.Clear(_occupiedMs);
    }

    private int Decide(double nowMs)
    {
        if (_latency.Count < LeastObservations)
        {
            return Current;
        }
        if (Current != Home && _trials.IsProbeDue(nowMs))
        {
            return Try(Home, PlanChangeReason.LoadIsGone);
        }
        _slowdowns.Fill(_factors);
        int best = Best(nowMs, onlyReady: false);
        if (best == Current)
        {
            _wish = None;
            Wanted = IsReviewDue(nowMs) ? _review.BestPlain : None;
            return Wanted != None && _isReady[Wanted] ? Try(Wanted, PlanChangeReason.ChoiceWasWrong) : Current;
        }
        _confirmed = best == _wish ? _confirmed + 1 : 1;
        _wish = best;
        if (_confirmed < Confirmations)
        {
            return Current;
        }
        Wanted = best;
        int next = Best(nowMs, onlyReady: true);
        return next == Current ? Current : Try(next, next == Home ? PlanChangeReason.LoadIsGone : PlanChangeReason.Slowdown);
    }

    private int Judge(double nowMs, double meanMs, int count)
    {
        int tried = Current;
        _trials.AddCost((meanMs - _trials.ReferenceMs) * count);
        bool isHopeless = tried == Home && meanMs > HopelessProbe * _trials.ReferenceMs;
        if (_latency.Count < LeastObservations && !isHopeless)
        {
            return Current;
        }
        double gain = _trials.ReferenceMs / _latency.Value;
        if (!isHopeless && gain > (tried == Home ? LeastHomeGain : LeastTrialGain))
        {
            LastChange = new PlanChange(_trials.Running, tried, ReasonOf(tried), _trials.ReferenceMs, _latency.Value);
            Changes++;
            IsChoiceDisproved |= LastChange.Reason == PlanChangeReason.ChoiceWasWrong;
            _trials.Accept(tried, nowMs);
            (Wanted, _wish) = (None, None);
            return tried;
        }
        int back = _trials.Running;
        _trials.Reject(tried, nowMs);
        Restart();
        return back;
    }

    /// <summary>A plain plan that is slower than it was measured to be as well proves a load, not that the choice was wrong.</summary>
    private PlanChangeReason ReasonOf(int tried) =>
        _trials.Reason == PlanChangeReason.ChoiceWasWrong && _latency.Value > ProcessorSlowdowns.Least * _plans[tried].LatencyMs(_unslowed)
            ? PlanChangeReason.Slowdown
            : _trials.Reason;

    private int Try(int plan, PlanChangeReason reason)
    {
        _trials.Begin(Current, _latency.Value, reason);
        Restart();
        return plan;
    }

    /// <summary>Another plan is used from now on.</summary>
    private void Restart()
    {
        Forget();
        _latency.Clear();
        (_wish, _confirmed, _toSkip) = (None, 0, 1);
    }

    /// <summary>The plan that is expected to be fastest, the current one unless another wins by a margin.</summary>
    private int Best(double nowMs, bool onlyReady)
    {
        int best = Current;
        double currentMs = _plans[Current].LatencyMs(_factors);
        double bestMs = double.PositiveInfinity;
        for (int plan = 0; plan < _plans.Count; plan++)
        {
            if (plan == Current || _trials.IsBlocked(plan, nowMs) || (onlyReady && !_isReady[plan]))
            {
                continue;
            }
            double ms = _plans[plan].LatencyMs(_factors);
            if (ms * (plan == Home ? HomeGain : _options.LeastGain) < currentMs && ms < bestMs)
            {
                (best, bestMs) = (plan, ms);
            }
        }
        return best;
    }

    /// <summary>A processor that is slower than the other has a load; a plan that never was any good is slow on all.</summary>
    private bool IsReviewDue(double nowMs) => Current == Home
        && _review.FindsHomeSlow
        && Imbalance(out _) <= ProcessorSlowdowns.Least
        && !_trials.IsBlocked(_review.BestPlain, nowMs);
}

using Tandem.Planning;

namespace Tandem.Execution.Adaptation;

/// <summary>
/// The plans of one session, the executors of those that are compiled, and which one is in use. Inferences observe, one after another;
/// another thread adds and takes away executors that are not in use.
/// </summary>
internal sealed class Course : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<PlanRung> _rungs;
    private readonly WorkerNames _processors;
    private readonly List<PlanForecast> _forecasts;
    private readonly IRunMeter _meter;
    private readonly PlanAdapter _adapter;
    private readonly PlanExecutor?[] _executors;
    private readonly bool[] _isExcluded;
    private readonly double[] _lastUsedMs;
    private readonly double[] _occupiedMs;
    private readonly bool[] _isSought;
    private readonly int _mostCompiled;
    private readonly double _keepsUnusedMs;
    private int _changes;

    /// <summary>Begins with the first plan.</summary>
    /// <param name="ladder">The plans; only what does not change of it is used.</param>
    /// <param name="home">The executor of the first plan.</param>
    /// <param name="options">How readily plans are changed.</param>
    public Course(PlanLadder ladder, PlanExecutor home, AdaptationOptions options)
    {
        _rungs = [.. ladder.First];
        _mostCompiled = Math.Max(1, options.CompiledPlans);
        _keepsUnusedMs = options.CompilesAhead ? double.PositiveInfinity : options.KeepsUnusedPlans.TotalMilliseconds;
        _processors = ladder.Processors;
        _forecasts = [.. _rungs.Select(rung => new PlanForecast(rung.Plan, _processors))];
        _isSought = new bool[_processors.Count * PlanLadder.Slowdowns.Count];
        int mostPlans = _rungs.Count + _isSought.Length;
        _adapter = new PlanAdapter(_forecasts, options, mostPlans);
        _meter = options.Meter;
        _executors = new PlanExecutor?[mostPlans];
        _executors[PlanAdapter.Home] = home;
        _isExcluded = new bool[mostPlans];
        _lastUsedMs = new double[mostPlans];
        _occupiedMs = new double[_processors.Count];
    }

    /// <summary>The plan that should be compiled; <see cref="PlanAdapter.None"/> where none is needed.</summary>
    public int Missing { get; private set; } = PlanAdapter.None;

    /// <summary>
    /// The slowdown for which a plan should be made, as <see cref="SoughtFor"/> tells; <see cref="PlanAdapter.None"/> where none is needed.
    /// </summary>
    public int Sought { get; private set; } = PlanAdapter.None;

    /// <summary>Whether something is predicted of every plan.</summary>
    public static bool CanCompare(PlanLadder ladder) =>
        ladder.First.Count > 1 && ladder.First.All(rung => new PlanForecast(rung.Plan, ladder.Processors).IsKnown);

    /// <summary>The slowdowns that are likeliest: a busy program on a core of one of the first plan's processors.</summary>
    public IEnumerable<int> Likeliest => _rungs[PlanAdapter.Home].Plan.Processors.Select(_processors.IndexOf).Distinct().Select(
        processor => (processor * PlanLadder.Slowdowns.Count) + PlanLadder.Nearest(2));

    /// <summary>Which processor is slower than the others, and how many times.</summary>
    public (string Processor, double Slowdown) SoughtFor(int sought) =>
        (_processors[sought / PlanLadder.Slowdowns.Count], PlanLadder.Slowdowns[sought % PlanLadder.Slowdowns.Count]);

    /// <summary>The plan of a number.</summary>
    public Plan PlanOf(int plan)
    {
        lock (_gate)
        {
            return _rungs[plan].Plan;
        }
    }

    /// <summary>A plan was made for a slowdown, or there is none (null); it is not sought again. Gives its number.</summary>
    public int Found(int sought, PlanRung? rung)
    {
        lock (_gate)
        {
            _isSought[sought] = true;
            if (rung is null || new PlanForecast(rung.Plan, _processors) is not { IsKnown: true } forecast)
            {
                return PlanAdapter.None;
            }
            _rungs.Add(rung);
            _forecasts.Add(forecast);
            return _adapter.Add(forecast);
        }
    }

    /// <summary>Takes in an inference; gives the executor of the next.</summary>
    public PlanExecutor Observe(PlanExecutor executor)
    {
        lock (_gate)
        {
            for (int plan = 0; plan < _rungs.Count; plan++)
            {
                if (_isExcluded[plan])
                {
                    _adapter.Exclude(plan);
                }
                _adapter.SetReady(plan, _executors[plan] is not null);
            }
            PlanForecast forecast = _forecasts[_adapter.Current];
            double latencyMs = _meter.Read(executor, forecast, _occupiedMs);
            double nowMs = _meter.NowMs;
            int next = _adapter.Observe(nowMs, latencyMs, _occupiedMs);
            _lastUsedMs[next] = nowMs;
            Missing = _adapter.Wanted != PlanAdapter.None && _executors[_adapter.Wanted] is null ? _adapter.Wanted : PlanAdapter.None;
            Sought = FindSought();
            return _executors[next]!;
        }
    }

    /// <summary>The change of plan that has proved right since the last call, or null.</summary>
    public PlanChangedEventArgs? TakeChange()
    {
        lock (_gate)
        {
            if (_adapter.Changes == _changes)
            {
                return null;
            }
            _changes = _adapter.Changes;
            PlanChange change = _adapter.LastChange;
            var slowdowns = new Dictionary<string, double>();
            for (int p = 0; p < _processors.Count; p++)
            {
                if (_adapter.IsObserved(p))
                {
                    slowdowns[_processors[p]] = _adapter.Slowdown(p);
                }
            }
            return new PlanChangedEventArgs(_rungs[change.From], _rungs[change.To], change, slowdowns);
        }
    }

    /// <summary>
    /// How much one processor is slower than the others now, where no plan was made for that yet. Where all are equally slow no other
    /// division is better.
    /// </summary>
    private int FindSought()
    {
        double imbalance = _adapter.Imbalance(out int slowest);
        if (imbalance <= ProcessorSlowdowns.Least || _adapter.Slowdown(slowest) <= ProcessorSlowdowns.Least)
        {
            return PlanAdapter.None;
        }
        int sought = (slowest * PlanLadder.Slowdowns.Count) + PlanLadder.Nearest(imbalance);
        return _isSought[sought] ? PlanAdapter.None : sought;
    }

    /// <summary>Whether a plan is compiled.</summary>
    public bool IsReady(int plan)
    {
        lock (_gate)
        {
            return _executors[plan] is not null;
        }
    }

    /// <summary>Whether a plan other than the first is compiled.</summary>
    public bool HasOthers
    {
        get { lock (_gate) { return _executors.Count(e => e is not null) > 1; } }
    }

    /// <summary>Takes away the executor that was not used for longest, where there is no room for another; the caller disposes it.</summary>
    public PlanExecutor? MakeRoom()
    {
        lock (_gate)
        {
            return _executors.Count(e => e is not null) <= _mostCompiled ? null : TakeOldest(double.PositiveInfinity);
        }
    }

    /// <summary>Takes away an executor that was not used for so long that its memory is worth more; the caller disposes it.</summary>
    public PlanExecutor? TakeUnused()
    {
        lock (_gate)
        {
            return TakeOldest(_meter.NowMs - _keepsUnusedMs);
        }
    }

    private PlanExecutor? TakeOldest(double usedBeforeMs)
    {
        int oldest = PlanAdapter.None;
        for (int plan = 1; plan < _executors.Length; plan++)
        {
            bool isFree = _executors[plan] is not null && plan != _adapter.Current && plan != _adapter.ReturnsTo;
            if (isFree && _lastUsedMs[plan] < usedBeforeMs && (oldest == PlanAdapter.None || _lastUsedMs[plan] < _lastUsedMs[oldest]))
            {
                oldest = plan;
            }
        }
        if (oldest == PlanAdapter.None)
        {
            return null;
        }
        PlanExecutor? taken = _executors[oldest];
        _executors[oldest] = null;
        return taken;
    }

    /// <summary>A plan is compiled; this object owns its executor.</summary>
    public void Add(int plan, PlanExecutor executor)
    {
        lock (_gate)
        {
            _executors[plan] = executor;
            _lastUsedMs[plan] = _meter.NowMs;
        }
    }

    /// <summary>A plan cannot be compiled or run.</summary>
    public void Exclude(int plan)
    {
        lock (_gate)
        {
            _isExcluded[plan] = true;
        }
    }

    /// <summary>Frees every executor.</summary>
    public void Dispose()
    {
        foreach (PlanExecutor? executor in _executors)
        {
            executor?.Dispose();
        }
    }
}

namespace Tandem.Execution.Adaptation;

/// <summary>
/// The plans of one session, the executors of those that are compiled, and which one is in use. Inferences observe, one after another;
/// another thread adds and takes away executors that are not in use.
/// </summary>
internal sealed class Course : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string[] _processors;
    private readonly PlanForecast[] _forecasts;
    private readonly PlanAdapter _adapter;
    private readonly PlanExecutor?[] _executors;
    private readonly bool[] _isExcluded;
    private readonly long[] _lastUsed;
    private readonly double[] _occupiedMs;
    private readonly int _mostCompiled;
    private long _uses;
    private int _changes;

    public Course(IReadOnlyList<PlanRung> rungs, PlanExecutor home, AdaptationOptions options)
    {
        Rungs = rungs;
        _mostCompiled = Math.Max(1, options.CompiledPlans);
        _processors = ProcessorsOf(rungs);
        _forecasts = [.. rungs.Select(rung => new PlanForecast(rung.Plan, _processors))];
        _adapter = new PlanAdapter(_forecasts, options);
        _executors = new PlanExecutor?[rungs.Count];
        _executors[PlanAdapter.Home] = home;
        _isExcluded = new bool[rungs.Count];
        _lastUsed = new long[rungs.Count];
        _occupiedMs = new double[_processors.Length];
    }

    /// <summary>The plans, the first one first.</summary>
    public IReadOnlyList<PlanRung> Rungs { get; }

    /// <summary>The plan that should be compiled; <see cref="PlanAdapter.None"/> where none is needed.</summary>
    public int Missing { get; private set; } = PlanAdapter.None;

    /// <summary>Whether something is predicted of every plan.</summary>
    public static bool CanCompare(IReadOnlyList<PlanRung> rungs)
    {
        string[] processors = ProcessorsOf(rungs);
        return rungs.All(rung => new PlanForecast(rung.Plan, processors).IsKnown);
    }

    /// <summary>Takes in an inference; gives the executor of the next.</summary>
    public PlanExecutor Observe(PlanExecutor executor, double nowMs)
    {
        lock (_gate)
        {
            for (int plan = 0; plan < _executors.Length; plan++)
            {
                if (_isExcluded[plan])
                {
                    _adapter.Exclude(plan);
                }
                _adapter.SetReady(plan, _executors[plan] is not null);
            }
            PlanForecast forecast = _forecasts[_adapter.Current];
            executor.Times.Occupied(forecast.Dependencies, forecast.ProcessorOfStep, _occupiedMs);
            int next = _adapter.Observe(nowMs, executor.LastMs, _occupiedMs);
            _lastUsed[next] = ++_uses;
            Missing = _adapter.Wanted != PlanAdapter.None && _executors[_adapter.Wanted] is null ? _adapter.Wanted : PlanAdapter.None;
            return _executors[next]!;
        }
    }

    /// <summary>The change of plan that has proved right since the last call, or null.</summary>
    public PlanChangedEventArgs? TakeChange()
    {
        if (_adapter.Changes == _changes)
        {
            return null;
        }
        _changes = _adapter.Changes;
        PlanChange change = _adapter.LastChange;
        var slowdowns = new Dictionary<string, double>();
        for (int p = 0; p < _processors.Length; p++)
        {
            if (_adapter.IsObserved(p))
            {
                slowdowns[_processors[p]] = _adapter.Slowdown(p);
            }
        }
        return new PlanChangedEventArgs(Rungs[change.From], Rungs[change.To], change, slowdowns);
    }

    /// <summary>Whether a plan is compiled.</summary>
    public bool IsReady(int plan)
    {
        lock (_gate)
        {
            return _executors[plan] is not null;
        }
    }

    /// <summary>Takes away the executor that was not used for longest, where there is no room for another; the caller disposes it.</summary>
    public PlanExecutor? MakeRoom()
    {
        lock (_gate)
        {
            if (_executors.Count(e => e is not null) <= _mostCompiled)
            {
                return null;
            }
            int oldest = PlanAdapter.None;
            for (int plan = 1; plan < _executors.Length; plan++)
            {
                bool isFree = _executors[plan] is not null && plan != _adapter.Current && plan != _adapter.ReturnsTo;
                if (isFree && (oldest == PlanAdapter.None || _lastUsed[plan] < _lastUsed[oldest]))
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
    }

    /// <summary>A plan is compiled; this object owns its executor.</summary>
    public void Add(int plan, PlanExecutor executor)
    {
        lock (_gate)
        {
            _executors[plan] = executor;
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

    private static string[] ProcessorsOf(IReadOnlyList<PlanRung> rungs) => [.. rungs.SelectMany(rung => rung.Plan.Processors).Distinct()];
}

namespace Tandem.Execution.Adaptation;

/// <summary>
/// The median of recent values, in which a value counts the less the older it is. A single outlier never moves it: however much time
/// lies between two values, more than half of the weight is that of the last two or three together. Allocates nothing after it is made.
/// </summary>
internal sealed class RecentMedian
{
    // Every 25 ms one value comes in: after 32 of them nothing older counts.
    private const int Capacity = 32;

    // Two values of equal age weigh more than the newest alone, so that one of them cannot decide.
    private const double LeastDecay = 0.75;

    private readonly double[] _values = new double[Capacity];
    private readonly double[] _weights = new double[Capacity];
    private readonly int[] _order = new int[Capacity];
    private readonly double _halfLifeMs;
    private double _lastMs;
    private int _next;

    /// <summary>Makes an empty median.</summary>
    /// <param name="halfLifeMs">After this time a value counts half.</param>
    public RecentMedian(double halfLifeMs) => _halfLifeMs = halfLifeMs;

    /// <summary>How many values have come in since the last <see cref="Clear"/>.</summary>
    public int Count { get; private set; }

    /// <summary>The median; NaN where no value has come in.</summary>
    public double Value { get; private set; } = double.NaN;

    /// <summary>Forgets every value.</summary>
    public void Clear()
    {
        Count = 0;
        _next = 0;
        Value = double.NaN;
    }

    /// <summary>Takes in a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="nowMs">When it was measured, on any clock that only goes forward.</param>
    public void Add(double value, double nowMs)
    {
        int held = Math.Min(Count, Capacity);
        if (held > 0)
        {
            double decay = Math.Max(LeastDecay, Math.Pow(0.5, (nowMs - _lastMs) / _halfLifeMs));
            for (int i = 0; i < held; i++)
            {
                _weights[i] *= decay;
            }
        }
        _lastMs = nowMs;
        _values[_next] = value;
        _weights[_next] = 1;
        _next = (_next + 1) % Capacity;
        Count++;
        Value = Median(Math.Min(Count, Capacity));
    }

    private double Median(int held)
    {
        double total = 0;
        for (int i = 0; i < held; i++)
        {
            total += _weights[i];
            int place = i;
            for (; place > 0 && _values[_order[place - 1]] > _values[i]; place--)
            {
                _order[place] = _order[place - 1];
            }
            _order[place] = i;
        }
        double below = 0;
        for (int i = 0; i < held; i++)
        {
            below += _weights[_order[i]];
            if (below >= total / 2)
            {
                return _values[_order[i]];
            }
        }
        return _values[_order[held - 1]];
    }
}

using Tandem.Execution.Adaptation;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;

namespace Tandem.Execution.Tests.Adaptation;

/// <summary>
/// Two processors whose speed a test sets, and an adapter that gets the times of plans on them: a clock that only the inferences move.
/// </summary>
internal sealed class World
{
    private const int MostPlans = 8;

    private readonly List<PlanForecast> _plans;
    private readonly double[] _real = new double[MostPlans];
    private readonly double[] _occupied;
    private readonly double[] _factors;
    private readonly Random _random;
    private readonly double _noise;

    /// <summary>Makes a world at rest.</summary>
    /// <param name="plans">For each plan what cpu, gpu and all cores are busy, in milliseconds; side by side.</param>
    /// <param name="noise">Each time is up to this part longer or shorter.</param>
    /// <param name="seed">Repeats the noise.</param>
    /// <param name="options">The adapter's.</param>
    public World(double[][] plans, double noise = 0, int seed = 1, AdaptationOptions? options = null)
    {
        _plans = [.. plans.Select(Forecast)];
        Array.Fill(_real, 1);
        _occupied = new double[3];
        _factors = new double[3];
        _random = new Random(seed);
        _noise = noise;
        Adapter = new PlanAdapter(_plans, options ?? new AdaptationOptions(), MostPlans);
        for (int plan = 1; plan < plans.Length; plan++)
        {
            Adapter.SetReady(plan, true);
        }
    }

    public PlanAdapter Adapter { get; }

    public double NowMs { get; private set; }

    /// <summary>How many times the plan in use has changed, trials included.</summary>
    public int Switches { get; private set; }

    /// <summary>How many times as long as predicted each processor really takes.</summary>
    public double[] Slowdowns { get; } = [1, 1, 1];

    /// <summary>Time spent on each plan, in milliseconds.</summary>
    public double[] SpentMs { get; } = new double[MostPlans];

    /// <summary>Adds a plan that is ready; gives its number.</summary>
    public int Add(double[] busyMs)
    {
        PlanForecast forecast = Forecast(busyMs);
        _plans.Add(forecast);
        int plan = Adapter.Add(forecast);
        Adapter.SetReady(plan, true);
        return plan;
    }

    /// <summary>The plan takes this many times as long as its prediction says, whatever the load.</summary>
    public void SetReal(int plan, double factor) => _real[plan] = factor;

    /// <summary>Runs inferences until a time has passed; gives the time at which a plan was first used, or infinity.</summary>
    public double RunFor(double ms, int plan = -1)
    {
        double begin = NowMs;
        double first = double.PositiveInfinity;
        while (NowMs - begin < ms)
        {
            int current = Adapter.Current;
            if (current == plan)
            {
                first = Math.Min(first, NowMs - begin);
            }
            for (int p = 0; p < 3; p++)
            {
                _factors[p] = Slowdowns[p] * _real[current] * (1 + _noise * ((2 * _random.NextDouble()) - 1));
                _occupied[p] = _plans[current].BusyMs[p] * _factors[p];
            }
            double latency = _plans[current].LatencyMs(_factors);
            NowMs += latency;
            SpentMs[current] += latency;
            Switches += Adapter.Observe(NowMs, latency, _occupied) != current ? 1 : 0;
        }
        return first;
    }

    private static PlanForecast Forecast(double[] busyMs) => new(PlanOf(busyMs), new WorkerNames(["cpu", "gpu", "all"]));

    private static Plan PlanOf(double[] busyMs)
    {
        string[] names = ["cpu", "gpu", "all"];
        List<Step> steps = [];
        for (int p = 0; p < names.Length; p++)
        {
            if (busyMs[p] > 0)
            {
                steps.Add(new Step(steps.Count, names[p], SliceSpec.Of(new KernelRange(0, 1)), [], 0, busyMs[p]));
            }
        }
        return new Plan { Network = "net", NetworkSignature = "0", Policy = "any", Steps = steps };
    }
}

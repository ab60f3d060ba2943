namespace Tandem.Prediction.Kernels;

/// <summary>
/// How slow the machine was while samples were taken, against the middle of all: samples taken within some seconds of each other
/// form a session, and a session's slowness is the median of how far its samples lie from the laws of their families.
/// </summary>
internal sealed class MachineSpeeds
{
    private const int Rounds = 3;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // A session of this many samples is believed by half.
    private const double HalfBelieved = 6;

    private readonly DateTimeOffset[] _begins;
    private readonly double[] _logarithms;

    private MachineSpeeds(DateTimeOffset[] begins) => (_begins, _logarithms) = (begins, new double[begins.Length]);

    /// <summary>How many times slower than usual the machine was; 1 before any sample.</summary>
    public double SlownessAt(DateTimeOffset time) => SessionAt(time) is >= 0 and int session ? Math.Exp(_logarithms[session]) : 1;

    /// <summary>Finds the sessions and their slowness.</summary>
    public static MachineSpeeds Fit(IReadOnlyList<KernelSample> samples, ConvolutionEngine engine)
    {
        DateTimeOffset[] times = [.. samples.Select(s => s.TakenAt).Order()];
        var speeds = new MachineSpeeds([.. times.Where((t, i) => i == 0 || t - times[i - 1] > LongestPause)]);
        for (int round = 0; round < Rounds && speeds._begins.Length > 1; round++)
        {
            speeds.Refine(samples, engine);
        }
        return speeds;
    }

    private void Refine(IReadOnlyList<KernelSample> samples, ConvolutionEngine engine)
    {
        var deviations = new List<double>[_begins.Length];
        // What has weights computes; the others wait for memory, and their laws are too rough to tell a slow machine by.
        IEnumerable<KernelSample> computing = samples.Where(s => s.Configuration.Shape.Weights > 0);
        foreach (IGrouping<string, KernelSample> family in computing.GroupBy(s => KernelFamily.OfType(s.Configuration.Shape)))
        {
            (KernelConfiguration Kernel, double Ms)[] corrected =
                [.. family.Select(s => (s.Configuration, s.Milliseconds / SlownessAt(s.TakenAt)))];
            var law = KernelLatencyModel.FitLaw(family.Key, engine, corrected);
            foreach (KernelSample sample in family)
            {
                (deviations[SessionAt(sample.TakenAt)] ??= []).Add(Math.Log(sample.Milliseconds / law.LawMs(sample.Configuration)));
            }
        }
        for (int i = 0; i < _begins.Length; i++)
        {
            List<double> own = deviations[i] ?? [];
            _logarithms[i] = own.Count == 0 ? 0 : LatencyStatistics.Percentile(own, 0.5) * own.Count / (own.Count + HalfBelieved);
        }
        double middle = LatencyStatistics.Percentile(samples.Select(s => _logarithms[SessionAt(s.TakenAt)]), 0.5);
        for (int i = 0; i < _begins.Length; i++)
        {
            _logarithms[i] -= middle;
        }
    }

    private int SessionAt(DateTimeOffset time)
    {
        int index = Array.BinarySearch(_begins, time);
        return index >= 0 ? index : ~index - 1;
    }
}

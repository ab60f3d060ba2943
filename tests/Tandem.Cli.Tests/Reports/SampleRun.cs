using Tandem.Cli.Reports;

namespace Tandem.Cli.Tests.Reports;

/// <summary>An invented plan for two processors and an invented run of it, the same every time.</summary>
internal sealed class SampleRun
{
    private const double MacsPerMs = 58e6;

    private readonly Random _random = new(7);
    private List<int> _previous = [];
    private int _nextId;

    public SampleRun(int kernels, int segments)
    {
        Macs = [.. Enumerable.Range(0, kernels).Select(i => i % 5 is 3 or 4 ? 0 : (long)(_random.Next(20, 120) * 1e6))];
        Shares = new IReadOnlyList<ReportShare>[kernels];
        for (int s = 0; s < segments; s++)
        {
            double cpuShare = s % 3 == 2 ? 0 : Math.Round(0.44 + 0.16 * _random.NextDouble(), 2);
            AddSegment(s * kernels / segments, (s + 1) * kernels / segments, cpuShare);
        }
    }

    public long[] Macs { get; }

    public IReadOnlyList<ReportShare>[] Shares { get; }

    /// <summary>Steps of cpu and gpu.</summary>
    public List<ReportStep>[] Predicted { get; } = [[], []];

    /// <summary>Steps of cpu and gpu.</summary>
    public List<ReportStep>[] Measured { get; } = [[], []];

    public double PredictedMs => EndOf(Predicted);

    public double MeasuredMs => EndOf(Measured);

    private void AddSegment(int begin, int end, double cpuShare)
    {
        double wholeMs = 0.15 + Macs[begin..end].Sum() / MacsPerMs, readyPredicted = PredictedMs, readyMeasured = MeasuredMs;
        List<int> current = [];
        (double From, double To)[] ranges = [(0, cpuShare), (cpuShare, 1)];
        for (int p = 0; p < ranges.Length; p++)
        {
            (double from, double to) = ranges[p];
            if (to > from)
            {
                string cut = to - from == 1 ? "" : FormattableString.Invariant($" H {from:0.##}..{to:0.##}");
                ReportStep step = new(_nextId++, $"{begin}-{end - 1}{cut}", readyPredicted, wholeMs * (to - from))
                {
                    Kernels = [.. Enumerable.Range(begin, end - begin)],
                    DependsOn = [.. _previous],
                };
                Predicted[p].Add(step);
                Measured[p].Add(Run(step, readyMeasured + 0.01));
                current.Add(step.Id);
            }
        }
        _previous = current;
        Array.Fill(Shares, cpuShare == 0 ? [new("gpu", 1)] : [new("cpu", cpuShare), new("gpu", 1 - cpuShare)], begin, end - begin);
    }

    private ReportStep Run(ReportStep step, double startMs)
    {
        double ms = step.DurationMs * (0.94 + 0.18 * _random.NextDouble());
        return step with { StartMs = startMs, DurationMs = ms, GatherMs = 0.05 * ms, ComputeMs = 0.88 * ms, ScatterMs = 0.06 * ms };
    }

    private static double EndOf(List<ReportStep>[] lanes) => lanes.SelectMany(l => l).Select(s => s.EndMs).DefaultIfEmpty().Max();
}

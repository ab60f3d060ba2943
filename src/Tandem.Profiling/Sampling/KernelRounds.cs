using Tandem.Prediction;

namespace Tandem.Profiling.Sampling;

/// <summary>One kernel's rounds on one processor.</summary>
internal sealed class KernelRounds
{
    private readonly List<(int Pass, double Ms, double ReferenceMs)> _rounds = [];

    /// <summary>Counted runs of all rounds.</summary>
    public int RunCount { get; private set; }

    /// <summary>Finished rounds.</summary>
    public int Count => _rounds.Count;

    /// <summary>What the reference kernel took in each round.</summary>
    public IEnumerable<double> References => _rounds.Select(r => r.ReferenceMs);

    /// <summary>Adds a round.</summary>
    /// <param name="pass">The pass, from 0.</param>
    /// <param name="ms">The kernel's time.</param>
    /// <param name="referenceMs">What the reference kernel took just before.</param>
    /// <param name="runs">Counted runs.</param>
    public void Add(int pass, double ms, double referenceMs, int runs)
    {
        _rounds.Add((pass, ms, referenceMs));
        RunCount += runs;
    }

    /// <summary>The kernel's times, one for each round.</summary>
    /// <param name="usualReferenceMs">What the reference kernel usually takes: times are what they would be then; null takes them as they are.</param>
    public LatencyStatistics Statistics(double? usualReferenceMs) => LatencyStatistics.Of(_rounds.Select(r => Ms(r, usualReferenceMs)));

    /// <summary>The median of the rounds of every other pass, and of the rest, which says how well the measurement repeats; null where only one pass was made.</summary>
    public (double FirstMs, double SecondMs)? Halves(double? usualReferenceMs)
    {
        double[] first = [.. _rounds.Where(r => r.Pass % 2 == 0).Select(r => Ms(r, usualReferenceMs))];
        double[] second = [.. _rounds.Where(r => r.Pass % 2 == 1).Select(r => Ms(r, usualReferenceMs))];
        return first.Length == 0 || second.Length == 0
            ? null
            : (LatencyStatistics.Percentile(first, 0.5), LatencyStatistics.Percentile(second, 0.5));
    }

    private static double Ms((int Pass, double Ms, double ReferenceMs) round, double? usualReferenceMs) =>
        usualReferenceMs is { } usual && round.ReferenceMs > 0 ? round.Ms * usual / round.ReferenceMs : round.Ms;
}

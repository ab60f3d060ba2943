using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Prediction.Store;
using Tandem.Processors;

namespace Tandem.Profiling.Sampling;

/// <summary>The rounds of all kernels on one processor, and the samples that they make.</summary>
internal sealed class ProcessorSampling
{
    private const double Near = 0.1;
    private const int ReferenceRuns = 4;

    private readonly IProcessor _processor;
    private readonly SamplingOptions _options;
    private readonly Dictionary<DrawnKernel, KernelRounds> _rounds = [];
    private readonly Dictionary<DrawnKernel, string> _refused = [];

    public ProcessorSampling(IProcessor processor, SamplingOptions options) => (_processor, _options) = (processor, options);

    /// <summary>Measures some kernels, compiled at the same time, for one pass. Call it on any thread.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="pass">The pass, from 0.</param>
    /// <param name="began">Told of each kernel that is compiled.</param>
    /// <param name="cancellation">Stops between two kernels; finished rounds are kept.</param>
    public void Measure(IEnumerable<DrawnKernel> kernels, int pass, Action<DrawnKernel> began, CancellationToken cancellation) =>
        ProcessorThread.Run(_processor, () =>
        {
            List<(DrawnKernel Kernel, HeldSlice Held)> compiled = [];
            try
            {
                using var reference = new HeldSlice(_processor, Reference());
                foreach (DrawnKernel kernel in kernels.Where(k => !_refused.ContainsKey(k)))
                {
                    cancellation.ThrowIfCancellationRequested();
                    began(kernel);
                    TryCompile(kernel, compiled);
                }
                for (int round = 0; round < _options.RoundsPerPass; round++)
                {
                    foreach ((DrawnKernel kernel, HeldSlice held) in compiled)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        (double referenceMs, _) = reference.Round(ReferenceRuns, TimeSpan.Zero);
                        (double ms, int runs) = held.Round(_options.LeastRuns, _options.PerRound);
                        RoundsOf(kernel).Add(pass, ms, referenceMs, runs);
                    }
                }
            }
            finally
            {
                foreach ((_, HeldSlice held) in compiled)
                {
                    held.Dispose();
                }
            }
        });

    /// <summary>Adds what is known by now to a profile: samples, their halves, refusals.</summary>
    public SamplingResult AddTo(Profile profile, DateTimeOffset time)
    {
        string key = _processor.Info.Key;
        double? usual = _rounds.Count == 0 ? null : LatencyStatistics.Percentile(_rounds.Values.SelectMany(r => r.References), 0.5);
        (double asMeasured, double measuredError) = Repeatability(null);
        (double corrected, double correctedError) = Repeatability(usual);
        bool isCorrected = correctedError < measuredError;
        usual = isCorrected ? usual : null;
        foreach ((DrawnKernel kernel, KernelRounds rounds) in _rounds)
        {
            LatencyStatistics ms = rounds.Statistics(usual);
            profile.Add(new Sample(
                key, kernel.Key, kernel.Configuration.ToString(), ms.MedianMs, ms.P10Ms, ms.P90Ms, rounds.RunCount, time));
            if (rounds.Halves(usual) is { } halves)
            {
                profile.Add(new Measurement(key, CostNames.HalfOfRounds(kernel.Key, 0), halves.FirstMs, "ms", time));
                profile.Add(new Measurement(key, CostNames.HalfOfRounds(kernel.Key, 1), halves.SecondMs, "ms", time));
            }
        }
        foreach ((DrawnKernel kernel, string reason) in _refused)
        {
            profile.AddRefusal(key, kernel.Key, reason);
        }
        return new SamplingResult(
            _processor.Info.Name, _rounds.Count, _refused.Count, _rounds.Values.Count(r => r.Halves(null) is not null),
            isCorrected ? corrected : asMeasured, asMeasured, isCorrected);
    }

    private KernelRounds RoundsOf(DrawnKernel kernel) =>
        _rounds.TryGetValue(kernel, out KernelRounds? rounds) ? rounds : _rounds[kernel] = new KernelRounds();

    private void TryCompile(DrawnKernel kernel, List<(DrawnKernel Kernel, HeldSlice Held)> compiled)
    {
        try
        {
            compiled.Add((kernel, new HeldSlice(_processor, kernel.Build())));
        }
        catch (SliceRefusedException e)
        {
            _refused[kernel] = e.Message;
        }
    }

    /// <summary>The share of kernels whose halves agree, and the median of how far they are apart.</summary>
    private (double Share, double Error) Repeatability(double? usualReferenceMs)
    {
        double[] errors = [.. _rounds.Values
            .Select(r => r.Halves(usualReferenceMs))
            .Where(h => h is { FirstMs: > 0, SecondMs: > 0 })
            .Select(h => Math.Abs(h!.Value.FirstMs / h.Value.SecondMs - 1))];
        return errors.Length == 0 ? (1, 0) : (errors.Count(e => e <= Near) / (double)errors.Length, LatencyStatistics.Percentile(errors, 0.5));
    }

    /// <summary>A convolution that fits into every cache: its time says how fast the processor is just then.</summary>
    private static Slice Reference()
    {
        var builder = new GraphBuilder("reference");
        Graph graph = builder.Build(1, builder.Conv(builder.Input("x", 1, 32, 28, 28), 32, 3, pad: 1));
        return SliceSpec.Of(new KernelRange(0, 1)).Cut(KernelDetector.Detect(graph));
    }
}

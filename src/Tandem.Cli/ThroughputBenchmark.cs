using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Planning;
using Tandem.Prediction;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Cli;

/// <summary>One way to run several inferences at once, and what it reached.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="PerSecond">Inferences per second: the median over rounds.</param>
/// <param name="Plan">How it runs them; null where that is no plan of this device.</param>
internal sealed record ThroughputResult(string Name, double PerSecond, ThroughputPlan? Plan)
{
    /// <summary>The way that this name stands for, whose measurement this is; null where it is a way of its own.</summary>
    public string? SameAs { get; init; }
}

/// <summary>
/// Inferences per second of one network: as many callers as there are cores, twice, ask again and again for an inference; the
/// time of a fixed number of them is measured. The ways take turns, so that a machine whose speed drifts is fair to all.
/// </summary>
internal sealed class ThroughputBenchmark
{
    private const int Rounds = 5;
    private const double RoundMs = 400;
    private const int LeastInferences = 8;
    private const int MostInferences = 400;

    private readonly Deployment _deployed;
    private readonly LocalDevice _device;
    private readonly ReferenceRun _reference;

    /// <summary>Makes a benchmark.</summary>
    /// <param name="deployed">The network, profiled.</param>
    /// <param name="device">The device that it is deployed on.</param>
    /// <param name="reference">The inputs.</param>
    public ThroughputBenchmark(Deployment deployed, LocalDevice device, ReferenceRun reference) =>
        (_deployed, _device, _reference) = (deployed, device, reference);

    /// <summary>
    /// Measures one session of ONNX Runtime on all cores, sessions of one thread side by side (one for each core), each processor alone, the
    /// batch split and the pipeline that <see cref="ThroughputPlanner"/> plans; and names the one that <see cref="ThroughputChooser"/> chooses.
    /// </summary>
    public IReadOnlyList<ThroughputResult> Run(CancellationToken cancellation)
    {
        string chosen = new ThroughputChooser(_deployed, _device).Choose(cancellation).Plan.Name;
        using LocalDevice oneThreadEach = OneThreadEach();
        using var besides = new Deployment(_deployed.Model, _deployed.Network, oneThreadEach, new DeploymentOptions { ProfilePath = null });
        List<(string Name, ThroughputPlan? Plan, ThroughputSession Session)> ways = [];
        try
        {
            foreach (ThroughputPlan plan in ThroughputPlanner.Candidates(_deployed.Problem))
            {
                ways.Add((plan.Name, plan, Start(_deployed, _device, plan)));
            }
            ways.Add(($"ort-{oneThreadEach.All.Count}-sessions", null, Start(
                besides, oneThreadEach, new ThroughputPlan([.. oneThreadEach.All.Select(processor => besides.PlainPlan(processor.Info.Name))]))));
            double[] perSecond = Measure([.. ways.Select(way => way.Session)], cancellation);
            List<ThroughputResult> results = [.. ways.Zip(perSecond, (way, reached) => new ThroughputResult(way.Name, reached, way.Plan))];
            // A way that was kept may not be planned any more from what the profile holds now.
            if (results.Find(result => result.Name == chosen) is { } same)
            {
                results.Add(same with { Name = PolicyNames.Tandem, SameAs = chosen });
            }
            return results;
        }
        finally
        {
            ways.ForEach(way => way.Session.Dispose());
        }
    }

    private static LocalDevice OneThreadEach() => new(
        [.. Enumerable.Range(0, Environment.ProcessorCount).Select(core => new OrtProcessor(new OrtProcessorOptions { Name = $"core-{core}", Cores = [core] }))],
        null);

    private static ThroughputSession Start(Deployment deployed, LocalDevice device, ThroughputPlan plan) =>
        new(deployed, device, new ThroughputSessionOptions { Plan = plan });

    private double[] Measure(ThroughputSession[] sessions, CancellationToken cancellation)
    {
        using var meter = new ThroughputMeter(_deployed.Model, Fill);
        int[] counts = [.. sessions.Select(session => CountFor(meter, session, cancellation))];
        double[][] perSecond = [.. sessions.Select(_ => new double[Rounds])];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < sessions.Length; i++)
            {
                int way = (i + round) % sessions.Length;
                perSecond[way][round] = meter.PerSecond(sessions[way], counts[way], cancellation);
            }
        }
        return [.. perSecond.Select(rounds => LatencyStatistics.Percentile(rounds, 0.5))];
    }

    /// <summary>How many inferences fill a round; finding that out warms the session up.</summary>
    private static int CountFor(ThroughputMeter meter, ThroughputSession session, CancellationToken cancellation) =>
        (int)Math.Clamp(RoundMs / 1000 * meter.PerSecond(session, LeastInferences, cancellation), LeastInferences, MostInferences);

    private void Fill(Tensor input, OrtValue value) => _reference.Inputs[input.Name].CopyTo(value.GetTensorMutableRawData());
}

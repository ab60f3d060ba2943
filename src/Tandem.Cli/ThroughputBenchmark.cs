using System.Diagnostics;
using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Planning;
using Tandem.Prediction;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Cli;

/// <summary>One way to run several inferences at once, and what it reached.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="PerSecond">Inferences per second: the median over rounds.</param>
internal sealed record ThroughputResult(string Name, double PerSecond);

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
    /// Measures one session of ONNX Runtime on all cores, sessions of one thread side by side (one for each core), each processor alone, and
    /// what <see cref="ThroughputPlanner"/> plans.
    /// </summary>
    public IReadOnlyList<ThroughputResult> Run(CancellationToken cancellation)
    {
        using LocalDevice oneThreadEach = OneThreadEach();
        using var besides = new Deployment(_deployed.Model, _deployed.Network, oneThreadEach, new DeploymentOptions { ProfilePath = null });
        List<(string Name, ThroughputSession Session)> ways = [];
        try
        {
            foreach (Plan plan in _deployed.PlainPlans())
            {
                ways.Add((plan.Policy, Start(_deployed, _device, [plan])));
            }
            ways.Add(($"ort-{oneThreadEach.All.Count}-sessions", Start(
                besides, oneThreadEach, [.. oneThreadEach.All.Select(processor => besides.PlainPlan(processor.Info.Name))])));
            ways.Add((PolicyNames.Tandem, Start(_deployed, _device, ThroughputPlanner.Make(_deployed.Problem).Lanes)));
            return Measure(ways, cancellation);
        }
        finally
        {
            ways.ForEach(way => way.Session.Dispose());
        }
    }

    private static LocalDevice OneThreadEach() => new(
        [.. Enumerable.Range(0, Environment.ProcessorCount).Select(core => new OrtProcessor(new OrtProcessorOptions { Name = $"core-{core}", Cores = [core] }))],
        null);

    private static ThroughputSession Start(Deployment deployed, LocalDevice device, IReadOnlyList<Plan> lanes) =>
        new(deployed, device, new ThroughputSessionOptions { Plan = new ThroughputPlan(lanes) });

    private IReadOnlyList<ThroughputResult> Measure(List<(string Name, ThroughputSession Session)> ways, CancellationToken cancellation)
    {
        int[] counts = [.. ways.Select(way => CountFor(way.Session, cancellation))];
        double[][] perSecond = [.. ways.Select(_ => new double[Rounds])];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < ways.Count; i++)
            {
                int way = (i + round) % ways.Count;
                perSecond[way][round] = counts[way] * 1000 / RunMany(ways[way].Session, counts[way], cancellation);
            }
        }
        return [.. ways.Select((way, i) => new ThroughputResult(way.Name, LatencyStatistics.Of(perSecond[i]).MedianMs))];
    }

    /// <summary>How many inferences fill a round; finding that out warms the session up.</summary>
    private int CountFor(ThroughputSession session, CancellationToken cancellation)
    {
        double ms = RunMany(session, LeastInferences, cancellation) / LeastInferences;
        return (int)Math.Clamp(RoundMs / ms, LeastInferences, MostInferences);
    }

    /// <summary>Milliseconds that so many inferences take together.</summary>
    private double RunMany(ThroughputSession session, int count, CancellationToken cancellation)
    {
        int left = count;
        var callers = new Task[2 * Environment.ProcessorCount];
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < callers.Length; i++)
        {
            callers[i] = Call();
        }
        Task.WaitAll(callers, cancellation);
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;

        async Task Call()
        {
            OrtValue[] inputs = [.. _deployed.Model.Inputs.Select(ValueOf)];
            try
            {
                Dictionary<string, OrtValue> named = _deployed.Model.Inputs.Zip(inputs).ToDictionary(i => i.First.Name, i => i.Second);
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    foreach (OrtValue output in await session.RunAsync(named, cancellation).ConfigureAwait(false))
                    {
                        output.Dispose();
                    }
                }
            }
            finally
            {
                Array.ForEach(inputs, input => input.Dispose());
            }
        }
    }

    private OrtValue ValueOf(Tensor input)
    {
        OrtValue value = OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)input.Type, [.. input.Shape]);
        _reference.Inputs[input.Name].CopyTo(value.GetTensorMutableRawData());
        return value;
    }
}

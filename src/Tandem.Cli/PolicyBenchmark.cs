using Tandem.Cli.Memory;
using Tandem.Execution;
using Tandem.Planning;
using Tandem.Prediction;

namespace Tandem.Cli;

/// <summary>Plans a network by several policies, proves their outputs right, and measures them in turns.</summary>
internal sealed class PolicyBenchmark
{
    private const int LeastRuns = 15;
    private const int MostRuns = 101;
    private const double BenchmarkMs = 6000;

    private readonly Deployment _deployed;
    private readonly ReferenceRun _reference;
    private readonly IReadOnlyList<string> _deviceOptions;
    private readonly int _warmUps;
    private readonly int? _runs;

    /// <summary>Makes a benchmark.</summary>
    /// <param name="deployed">The network on this device.</param>
    /// <param name="reference">The inputs, and what plain ONNX Runtime makes of them.</param>
    /// <param name="deviceOptions">The arguments by which a process opens the same device.</param>
    /// <param name="warmUps">Rounds that are not counted.</param>
    /// <param name="runs">Rounds that are counted; null for 15, or more where the network is so fast that they would be over at once.</param>
    public PolicyBenchmark(Deployment deployed, ReferenceRun reference, IReadOnlyList<string> deviceOptions, int warmUps, int? runs)
    {
        _deployed = deployed;
        _reference = reference;
        _deviceOptions = deviceOptions;
        _warmUps = warmUps;
        _runs = runs;
    }

    /// <summary>Measures the policies; those that have no plan here are left out and named to the callback with the reason.</summary>
    public BenchmarkResult Run(IReadOnlyList<string> policies, Action<string, string> leftOut, CancellationToken cancellation)
    {
        List<Plan> plans = [];
        foreach (string policy in policies)
        {
            try
            {
                plans.Add(_deployed.PlanBy(policy, cancellation));
            }
            catch (PlanException e)
            {
                leftOut(policy, e.Message);
            }
        }
        // A plan that two policies arrive at is measured once: its own noise is no difference between them.
        List<Plan> distinct = [.. plans.DistinctBy(PlanShape.Of)];
        double[] peakMb = PeakMemoryMb(distinct);
        List<PlanExecutor> executors = [];
        try
        {
            executors.AddRange(distinct.Select(StartFed));
            double[] errors = [.. executors.Select(Error)];
            int runs = _runs ?? RunsFor(executors);
            PolicyResult[] measured = Measure(distinct, executors, errors, peakMb, runs, cancellation);
            PolicyResult[] results = [.. plans.Select(plan => ResultOf(plan, measured))];
            ReconsiderChoice(results);
            return new BenchmarkResult(_deployed.Model.Name, runs, results, IdealMs(results));
        }
        finally
        {
            executors.ForEach(e => e.Dispose());
        }
    }

    private static PolicyResult ResultOf(Plan plan, PolicyResult[] measured)
    {
        PolicyResult own = measured.First(result => PlanShape.Of(result.Plan) == PlanShape.Of(plan));
        return ReferenceEquals(own.Plan, plan) ? own : own with { Policy = plan.Policy, Plan = plan, SameAs = own.Policy };
    }

    /// <summary>Rounds that together take some seconds, within limits: medians of fast networks need more of them.</summary>
    private static int RunsFor(List<PlanExecutor> executors)
    {
        // Each counted run has an uncounted one before it.
        double roundMs = 2 * executors.Sum(executor => executor.LastMs);
        return (int)Math.Clamp(BenchmarkMs / roundMs, LeastRuns, MostRuns);
    }

    private PolicyResult[] Measure(
        List<Plan> plans, List<PlanExecutor> executors, double[] errors, double[] peakMb, int runs, CancellationToken cancellation)
    {
        List<(double Ms, Trace Trace)>[] traces = [.. plans.Select(_ => new List<(double, Trace)>())];
        IReadOnlyList<LatencyStatistics> times = InterleavedRuns.Measure(
            executors, _warmUps, runs, i => traces[i].Add((executors[i].LastMs, executors[i].LastTrace)), cancellation);
        return
        [
            .. plans.Select((plan, i) => new PolicyResult(
                plan.Policy, plan, times[i], errors[i], peakMb[i],
                traces[i].MinBy(t => Math.Abs(t.Ms - times[i].MedianMs)).Trace)),
        ];
    }

    // A choice that proved wrong, perhaps since it was made on a busy machine, is made again when it is next asked for.
    private void ReconsiderChoice(PolicyResult[] results)
    {
        PolicyResult? chosen = results.FirstOrDefault(r => r.Policy == PolicyNames.Tandem);
        double bestPlainMs = results.Where(r => r.Plan.IsPlain && !r.Plan.IsQuantized).Select(r => r.Latency.MedianMs).DefaultIfEmpty(double.PositiveInfinity).Min();
        if (chosen?.Latency.MedianMs > bestPlainMs)
        {
            _deployed.Forget(PolicyNames.Tandem);
        }
    }

    private PlanExecutor StartFed(Plan plan)
    {
        PlanExecutor executor = _deployed.Start(plan);
        _reference.Feed(executor);
        return executor;
    }

    private double Error(PlanExecutor executor)
    {
        executor.Run();
        return _reference.MaxRelativeError(executor);
    }

    // Each in a process of its own: in this one every plan would also be charged with, or find ready, what those before it left.
    private double[] PeakMemoryMb(List<Plan> plans)
    {
        using MeasurementFolder folder = MeasurementFolder.Of(_deployed.Model, _reference);
        string[] options = [.. _deviceOptions, "--runs", "1"];
        return [.. plans.Select(plan => folder.Measure(plan.Policy, plan, options).PeakBytes / 1e6)];
    }

    private static double? IdealMs(PolicyResult[] results)
    {
        double? cpu = results.FirstOrDefault(r => r.Policy == PolicyNames.Cpu)?.Latency.MedianMs;
        double? gpu = results.FirstOrDefault(r => r.Policy == PolicyNames.Gpu)?.Latency.MedianMs;
        return 1 / (1 / cpu + 1 / gpu);
    }
}

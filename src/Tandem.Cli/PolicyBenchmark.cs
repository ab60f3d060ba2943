using Tandem.Cli.Memory;
using Tandem.Execution;
using Tandem.Planning;
using Tandem.Prediction;

namespace Tandem.Cli;

/// <summary>Plans a network by several policies, proves their outputs right, and measures them in turns.</summary>
internal sealed class PolicyBenchmark
{
    private readonly Deployment _deployed;
    private readonly ReferenceRun _reference;
    private readonly IReadOnlyList<string> _deviceOptions;
    private readonly int _warmUps;
    private readonly int _runs;

    /// <summary>Makes a benchmark.</summary>
    /// <param name="deployed">The network on this device.</param>
    /// <param name="reference">The inputs, and what plain ONNX Runtime makes of them.</param>
    /// <param name="deviceOptions">The arguments by which a process opens the same device.</param>
    /// <param name="warmUps">Rounds that are not counted.</param>
    /// <param name="runs">Rounds that are counted.</param>
    public PolicyBenchmark(Deployment deployed, ReferenceRun reference, IReadOnlyList<string> deviceOptions, int warmUps, int runs)
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
        double[] peakMb = PeakMemoryMb(plans);
        List<PlanExecutor> executors = [];
        try
        {
            executors.AddRange(plans.Select(StartFed));
            double[] errors = [.. executors.Select(Error)];
            return Measure(plans, executors, errors, peakMb, cancellation);
        }
        finally
        {
            executors.ForEach(e => e.Dispose());
        }
    }

    private BenchmarkResult Measure(
        List<Plan> plans, List<PlanExecutor> executors, double[] errors, double[] peakMb, CancellationToken cancellation)
    {
        List<(double Ms, Trace Trace)>[] traces = [.. plans.Select(_ => new List<(double, Trace)>())];
        IReadOnlyList<LatencyStatistics> times = InterleavedRuns.Measure(
            executors, _warmUps, _runs, i => traces[i].Add((executors[i].LastMs, executors[i].LastTrace)), cancellation);
        PolicyResult[] results =
        [
            .. plans.Select((plan, i) => new PolicyResult(
                plan.Policy, plan, times[i], errors[i], peakMb[i],
                traces[i].MinBy(t => Math.Abs(t.Ms - times[i].MedianMs)).Trace)),
        ];
        ReconsiderChoice(results);
        return new BenchmarkResult(_deployed.Model.Name, _runs, results, IdealMs(results));
    }

    // A choice that proved wrong, perhaps since it was made on a busy machine, is made again when it is next asked for.
    private void ReconsiderChoice(PolicyResult[] results)
    {
        PolicyResult? chosen = results.FirstOrDefault(r => r.Policy == PolicyNames.Tandem);
        double bestPlainMs = results.Where(r => r.Plan.Steps.Count == 1 && !r.Plan.IsQuantized).Select(r => r.Latency.MedianMs).DefaultIfEmpty(double.PositiveInfinity).Min();
        if (chosen?.Plan.Steps.Count > 1 && chosen.Latency.MedianMs > bestPlainMs)
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

using System.Globalization;
using Tandem.Cli.Reports;
using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Graphs.Costs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;

namespace Tandem.Cli;

/// <summary>Fills the report of a plan, and of its run where there was one.</summary>
internal static class ReportPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">The processors.</param>
    /// <param name="deployed">The network.</param>
    /// <param name="plan">The plan that is drawn.</param>
    /// <param name="main">How it ran; null where it was not run.</param>
    /// <param name="result">The comparison that it was part of; null where there was none.</param>
    public static void Save(
        string path, LocalDevice device, Deployment deployed, Plan plan, PolicyResult? main, BenchmarkResult? result)
    {
        var model = new ReportModel
        {
            NetworkName = deployed.Model.Name,
            Subtitle = [.. plan.Processors.Select(name => Describe(device.ByName[name].Info))],
            Policies = result is null ? [Predicted(plan)] : [.. result.Policies.Select(p => Measured(p, p == main, result))],
            IdealMs = result?.IdealMs,
            Kernels = [.. deployed.Network.Kernels.Select(kernel => Kernel(deployed, plan, kernel))],
            Lanes = [.. plan.Processors.Select(name => Lane(device.ByName[name].Info, plan, main?.Trace))],
        };
        HtmlReport.Save(model, path);
    }

    private static ReportPolicyKind KindOf(Plan plan) => plan.Processors.Count > 1 ? ReportPolicyKind.Cooperative
        : plan.Processors[0] == LocalDevice.AllCoresName ? ReportPolicyKind.AllCores
        : ReportPolicyKind.SingleProcessor;

    private static ReportPolicy Predicted(Plan plan) =>
        new(plan.Policy, KindOf(plan)) { IsChosen = true, PredictedMs = plan.PredictedMs };

    private static ReportPolicy Measured(PolicyResult policy, bool isChosen, BenchmarkResult result) =>
        new(policy.Policy, KindOf(policy.Plan))
        {
            IsChosen = isChosen,
            MedianMs = policy.Latency.MedianMs,
            P10Ms = policy.Latency.P10Ms,
            P90Ms = policy.Latency.P90Ms,
            PredictedMs = policy.Plan.PredictedMs,
            Speedup = result.BestPlain?.Latency.MedianMs / policy.Latency.MedianMs,
            MaxRelativeError = policy.MaxRelativeError,
        };

    private static ReportKernel Kernel(Deployment deployed, Plan plan, Kernel kernel)
    {
        Graph graph = deployed.Network.Graph;
        Shape shape = graph.Tensors[kernel.Outputs[0]].Shape;
        return new ReportKernel(
            kernel.Index,
            kernel.Name,
            kernel.Type,
            string.Join('x', shape.Select(d => d.ToString(CultureInfo.InvariantCulture))),
            kernel.Operators.Sum(op => OperatorCost.Of(op, graph).Macs),
            [.. plan.Steps
                .Where(s => s.Slice.Summands == 0 && s.Slice.Kernels.First <= kernel.Index && kernel.Index < s.Slice.Kernels.End)
                .Select(s => new ReportShare(s.Processor, s.Slice.Axis == SliceAxis.None ? 1 : s.Slice.Share.Size))]);
    }

    private static ReportLane Lane(ProcessorInfo processor, Plan plan, Trace? trace)
    {
        Step[] own = [.. plan.Steps.Where(s => s.Processor == processor.Name)];
        return new ReportLane(processor.Name, [.. own.Select(s => Step(s, s.PredictedStartMs, s.PredictedMs))])
        {
            Description = Engine(processor),
            IsCpuBacked = processor.IsCpuBacked,
            Measured = trace is null ? null : [.. own.Select(s => Step(trace.Steps[s.Id]))],
        };
    }

    private static ReportStep Step(StepTrace ran) => Step(ran.Step, ran.StartMs, ran.DurationMs) with
    {
        GatherMs = ran.GatherMs,
        ComputeMs = ran.ComputeMs,
        ScatterMs = ran.ScatterMs,
    };

    private static ReportStep Step(Step step, double startMs, double durationMs) =>
        new(step.Id, step.Slice.ToString(), startMs, durationMs)
        {
            Kernels = [.. Enumerable.Range(step.Slice.Kernels.First, step.Slice.Kernels.Count)],
            DependsOn = step.DependsOn,
        };

    private static string Describe(ProcessorInfo info) =>
        $"{info.Name}: {Engine(info)}{(info.IsCpuBacked ? ", CPU-backed" : "")}";

    private static string Engine(ProcessorInfo info)
    {
        string cores = info.Cores.Count == 0 ? $"{info.Threads} threads" : $"core {string.Join(',', info.Cores)}";
        return $"{info.Engine} {info.EngineVersion} on {info.Device}, {cores}";
    }
}

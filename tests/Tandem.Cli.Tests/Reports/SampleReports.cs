using Tandem.Cli.Reports;

namespace Tandem.Cli.Tests.Reports;

/// <summary>Reports of invented runs, the same every time.</summary>
internal static class SampleReports
{
    private static readonly string[] Processors = ["cpu", "gpu"];

    /// <summary>A ResNet-like network of 92 kernels in 20 segments, most of them shared by rows, predicted and measured.</summary>
    public static ReportModel ResNet(bool measured = true) => TwoProcessors("ResNet-50", kernels: 92, segments: 20, measured);

    /// <summary>A network in even segments; every third runs whole on the gpu, the others are shared.</summary>
    public static ReportModel TwoProcessors(string name, int kernels, int segments, bool measured)
    {
        var random = new Random(7);
        long[] macs = [.. Enumerable.Range(0, kernels).Select(i => i % 5 is 3 or 4 ? 0 : (long)(random.Next(20, 120) * 1e6))];
        List<ReportStep>[] predicted = [[], []], real = [[], []];
        var shares = new IReadOnlyList<ReportShare>[kernels];
        double[] freePredicted = [0, 0], freeReal = [0, 0];
        List<int> previous = [];
        int id = 0;
        for (int s = 0; s < segments; s++)
        {
            int begin = s * kernels / segments, end = (s + 1) * kernels / segments;
            double cpuShare = s % 3 == 2 ? 0 : Math.Round(0.44 + 0.16 * random.NextDouble(), 2);
            double wholeMs = 0.15 + macs[begin..end].Sum() / 58e6;
            List<int> current = [];
            double readyPredicted = freePredicted.Max(), readyReal = freeReal.Max();
            for (int p = 0; p < Processors.Length; p++)
            {
                double share = p == 0 ? cpuShare : 1 - cpuShare;
                if (share == 0)
                {
                    continue;
                }
                string cut = share == 1 ? "" : FormattableString.Invariant($" H {(p == 0 ? 0 : cpuShare):0.##}..{(p == 0 ? cpuShare : 1):0.##}");
                double ms = wholeMs * share, realMs = ms * (0.94 + 0.18 * random.NextDouble());
                ReportStep step = new(id, $"{begin}-{end - 1}{cut}", readyPredicted, ms)
                {
                    Kernels = [.. Enumerable.Range(begin, end - begin)],
                    DependsOn = [.. previous],
                };
                predicted[p].Add(step);
                real[p].Add(step with
                {
                    StartMs = readyReal + 0.01,
                    DurationMs = realMs,
                    GatherMs = 0.05 * realMs,
                    ComputeMs = 0.88 * realMs,
                    ScatterMs = 0.06 * realMs,
                });
                freePredicted[p] = readyPredicted + ms;
                freeReal[p] = readyReal + 0.01 + realMs;
                current.Add(id++);
            }
            for (int k = begin; k < end; k++)
            {
                shares[k] = cpuShare == 0 ? [new("gpu", 1)] : [new("cpu", cpuShare), new("gpu", 1 - cpuShare)];
            }
            previous = current;
        }
        return new ReportModel
        {
            NetworkName = name,
            Subtitle = ["2 cores of a server CPU, Linux x64; medians of 15 interleaved runs", "cpu: ONNX Runtime 1.30.0; gpu: OpenCL"],
            IdealMs = freeReal.Max() * 0.89,
            Policies = Policies(freePredicted.Max(), freeReal.Max(), measured),
            Kernels = [.. Enumerable.Range(0, kernels).Select(k => Kernel(k, macs[k], shares[k]))],
            Lanes =
            [
                new("cpu", predicted[0]) { Measured = measured ? real[0] : null, Description = "ONNX Runtime 1.30.0, one thread, core 0" },
                new("gpu", predicted[1]) { Measured = measured ? real[1] : null, Description = "OpenCL on PoCL, core 1", IsCpuBacked = true },
            ],
        };
    }

    private static ReportPolicy[] Policies(double predictedMs, double realMs, bool measured)
    {
        ReportPolicy Row(string name, ReportPolicyKind kind, double factor, bool chosen = false) => new(name, kind)
        {
            IsChosen = chosen,
            PredictedMs = predictedMs * factor,
            MedianMs = measured ? realMs * factor : null,
            P10Ms = measured ? realMs * factor * 0.98 : null,
            P90Ms = measured ? realMs * factor * 1.05 : null,
            Speedup = 1.69 / factor,
            MaxRelativeError = measured ? 2.4e-6 * factor : null,
        };
        return
        [
            Row("ort-all-cores", ReportPolicyKind.AllCores, 1.69),
            Row("cpu", ReportPolicyKind.SingleProcessor, 1.73),
            Row("gpu", ReportPolicyKind.SingleProcessor, 2.02),
            Row("mulayer", ReportPolicyKind.Cooperative, 1.22),
            Row("tandem", ReportPolicyKind.Cooperative, 1, chosen: true),
        ];
    }

    private static ReportKernel Kernel(int index, long macs, IReadOnlyList<ReportShare> shares)
    {
        int channels = 64 << Math.Min(3, index / 24), side = 56 >> Math.Min(3, index / 24);
        string type = (index % 5) switch { 3 => "Add+Relu", 4 => "MaxPool", _ => "Conv+Relu" };
        return new ReportKernel(index, $"res{2 + index / 24}_{index}_branch2b", type, $"1x{channels}x{side}x{side}", macs, shares);
    }
}

using Tandem.Cli.Reports;

namespace Tandem.Cli.Tests.Reports;

/// <summary>Reports of invented runs, the same every time.</summary>
internal static class SampleReports
{
    /// <summary>A ResNet-like network of 92 kernels in 20 segments, most of them shared by rows.</summary>
    public static ReportModel ResNet(bool measured = true) =>
        TwoProcessors("ResNet-50", kernels: 92, segments: 20, measured);

    /// <summary>A network in even segments; every third runs whole on the gpu, the others are shared.</summary>
    public static ReportModel TwoProcessors(string name, int kernels, int segments, bool measured)
    {
        SampleRun run = new(kernels, segments);
        return new ReportModel
        {
            NetworkName = name,
            Subtitle = ["2 cores of a server CPU, Linux x64; medians of 15 interleaved runs", "cpu: ONNX Runtime 1.30.0; gpu: OpenCL"],
            IdealMs = run.MeasuredMs * 0.89,
            Policies = Policies(run.PredictedMs, run.MeasuredMs, measured),
            Kernels = [.. Enumerable.Range(0, kernels).Select(k => Kernel(k, run.Macs[k], run.Shares[k]))],
            Lanes =
            [
                new("cpu", run.Predicted[0])
                {
                    Measured = measured ? run.Measured[0] : null,
                    Description = "ONNX Runtime 1.30.0, one thread, core 0",
                },
                new("gpu", run.Predicted[1])
                {
                    Measured = measured ? run.Measured[1] : null,
                    Description = "OpenCL on PoCL, core 1",
                    IsCpuBacked = true,
                },
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

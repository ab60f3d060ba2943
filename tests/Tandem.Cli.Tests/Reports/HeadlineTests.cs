using System.Xml.Linq;
using Tandem.Cli.Reports;

namespace Tandem.Cli.Tests.Reports;

public sealed class HeadlineTests
{
    private static readonly ReportLane[] BothLanes =
        [new("cpu", [new(0, "0", 0, 41.2)]), new("gpu", [new(1, "0", 0, 40)])];

    private static readonly ReportPolicy Cpu = new("cpu", ReportPolicyKind.SingleProcessor) { MedianMs = 70.4, PredictedMs = 60 };
    private static readonly ReportPolicy Gpu = new("gpu", ReportPolicyKind.SingleProcessor) { MedianMs = 90, PredictedMs = 50 };
    private static readonly ReportPolicy AllCores = new("ort-all-cores", ReportPolicyKind.AllCores) { MedianMs = 61.8 };
    private static readonly ReportPolicy Tandem = new("tandem", ReportPolicyKind.Cooperative)
    {
        IsChosen = true,
        MedianMs = 41.2,
        PredictedMs = 40,
        Speedup = 1.5,
        MaxRelativeError = 3.1e-6,
    };

    [Fact]
    public void Measured_plan_is_compared_with_the_best_measured_single_processor() =>
        Assert.Equal("ResNet-50 in 41.2 ms on cpu + gpu: 1.71 times the best single processor", Sentence([Cpu, Gpu, AllCores, Tandem]));

    [Fact]
    public void Prediction_says_so_and_is_compared_with_predictions() => Assert.Equal(
        "ResNet-50 in a predicted 40.0 ms on cpu + gpu: 1.25 times the best single processor",
        Sentence([Cpu, Gpu, Tandem with { MedianMs = null }]));

    [Fact]
    public void Without_single_processors_the_given_speedup_is_told() =>
        Assert.Equal("ResNet-50 in 41.2 ms on cpu + gpu: 1.50 times the best plain plan", Sentence([AllCores, Tandem]));

    [Fact]
    public void Plain_plan_that_won_is_called_plain() => Assert.Equal(
        "ResNet-50 in 61.8 ms on cpu + gpu: the plain plan ort-all-cores",
        Sentence([AllCores with { IsChosen = true }, Tandem with { IsChosen = false }]));

    [Fact]
    public void Without_policies_the_timeline_gives_the_latency() =>
        Assert.Equal("ResNet-50 in a predicted 41.2 ms on cpu + gpu", Sentence([]));

    [Fact]
    public void Lane_without_steps_is_not_named() => Assert.Equal(
        "N in a predicted 41.2 ms on cpu",
        Plain(new ReportModel { NetworkName = "N", Lanes = [BothLanes[0], new("gpu", [])] }));

    [Fact]
    public void Tiles_compare_with_all_cores_the_ideal_and_the_prediction()
    {
        ReportPage page = new(Model([Cpu, AllCores, Tandem]) with { IdealMs = 35.02 });
        string[] values = [.. page.OfClass("div", "tile").Select(t => ((XElement)t.FirstNode!).Value)];
        Assert.Equal(["1.71 ×", "1.50 ×", "85 %", "−3 %", "3.1e-6"], values);
    }

    [Fact]
    public void Gpu_made_of_cpu_cores_is_called_so()
    {
        ReportModel model = Model([Tandem]);
        Assert.Empty(new ReportPage(model).OfClass("p", "notice"));
        ReportPage page = new(model with { Lanes = [BothLanes[0], BothLanes[1] with { IsCpuBacked = true }] });
        Assert.StartsWith("gpu is CPU-backed.", Assert.Single(page.OfClass("p", "notice")).Value, StringComparison.Ordinal);
    }

    private static ReportModel Model(ReportPolicy[] policies) => new() { NetworkName = "ResNet-50", Policies = policies, Lanes = BothLanes };

    private static string Sentence(ReportPolicy[] policies) => Plain(Model(policies));

    private static string Plain(ReportModel model) => new ReportPage(model).Headline.Replace('\u00A0', ' ');
}

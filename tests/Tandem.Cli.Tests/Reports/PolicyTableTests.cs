using System.Xml.Linq;
using Tandem.Cli.Reports;

namespace Tandem.Cli.Tests.Reports;

public sealed class PolicyTableTests
{
    [Fact]
    public void Every_policy_is_a_row_and_one_is_chosen()
    {
        ReportPage page = new(SampleReports.ResNet());
        Assert.Equal(SampleReports.ResNet().Policies.Count, page.OfClass("tr", "policy").Count());
        Assert.StartsWith("tandem", Assert.Single(page.OfClass("tr", "chosen")).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Bars_are_in_proportion_to_latency()
    {
        ReportModel model = SampleReports.ResNet();
        double[] widths = [.. new ReportPage(model).OfClass("rect", "latency").Select(r => ReportPage.Number(r, "width"))];
        Assert.Equal(model.Policies.Count, widths.Length);
        double scale = widths[0] / model.Policies[0].MedianMs!.Value;
        Assert.All(widths.Zip(model.Policies), p => Assert.Equal(p.Second.MedianMs!.Value * scale, p.First, 0.01));
        Assert.All(widths, w => Assert.InRange(w, 1, 300));
    }

    [Fact]
    public void Column_that_no_policy_fills_is_left_out()
    {
        ReportPage page = new(SampleReports.ResNet(measured: false));
        string[] names = [.. page.Section("policies")!.Descendants().Where(e => (string?)e.Attribute("scope") == "col").Select(e => e.Value)];
        Assert.Equal(["policy", "latency", "predicted ms", "speed-up"], names);
    }

    [Fact]
    public void Unknown_value_is_a_dash()
    {
        ReportPage page = new(new ReportModel
        {
            NetworkName = "N",
            Policies = [new("cpu", ReportPolicyKind.SingleProcessor) { MedianMs = 3 }, new("gpu", ReportPolicyKind.SingleProcessor)],
        });
        XElement gpu = page.OfClass("tr", "policy").Last();
        Assert.Equal("–", gpu.Elements().Last().Value);
        Assert.Empty(ReportPage.OfClass(gpu, "rect", "latency"));
    }
}

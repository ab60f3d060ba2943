using System.Xml.Linq;
using Tandem.Cli.Reports;

namespace Tandem.Cli.Tests.Reports;

public sealed class TimelineTests
{
    [Fact]
    public void Every_step_is_once_in_each_panel_and_once_in_the_table()
    {
        ReportModel model = SampleReports.ResNet();
        ReportPage page = new(model);
        int[] ids = [.. model.Lanes.SelectMany(l => l.Predicted).Select(s => s.Id).Order()];
        Assert.Equal(ids, IdsIn(Assert.Single(page.Panel("predicted"))));
        Assert.Equal(ids, IdsIn(Assert.Single(page.Panel("measured"))));
        Assert.Equal(ids, page.Root.Descendants().Attributes("data-step").Select(a => int.Parse(a.Value, null)));
    }

    [Fact]
    public void Steps_lie_in_their_lane_in_proportion_to_their_times()
    {
        ReportModel model = SampleReports.ResNet();
        ReportPage page = new(model);
        double end = model.Lanes.SelectMany(l => l.Predicted.Concat(l.Measured!)).Max(s => s.EndMs);
        double scale = Axis(page).Width / end;
        foreach (ReportLane lane in model.Lanes)
        {
            CheckLane(page, "predicted", lane.Processor, lane.Predicted, scale);
            CheckLane(page, "measured", lane.Processor, lane.Measured!, scale);
        }
    }

    [Fact]
    public void Gather_and_scatter_are_drawn_at_the_ends_of_a_step()
    {
        ReportPage page = new(OneStep(new ReportStep(0, "0", 1, 8) { GatherMs = 2, ComputeMs = 4, ScatterMs = 1 }));
        XElement step = Assert.Single(ReportPage.OfClass(page.Panel("predicted").Single(), "g", "step"));
        (double x, double width) = Extent(step, "span");
        Assert.Equal((x, width / 4), Extent(step, "gather"), Close);
        Assert.Equal((x + width * 6 / 8, width / 8), Extent(step, "scatter"), Close);
        Assert.Equal((x + width * 7 / 8, width / 8), Extent(step, "other"), Close);
    }

    [Fact]
    public void Step_without_parts_is_drawn_as_computing()
    {
        ReportPage page = new(OneStep(new ReportStep(0, "0", 0, 8)));
        Assert.All((string[])["gather", "scatter", "other"], part => Assert.Empty(page.OfClass("rect", part)));
        Assert.Empty(page.Panel("measured"));
        Assert.Contains("100 %", page.Section("processors")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Hand_overs_join_steps_of_different_processors()
    {
        ReportModel model = new()
        {
            NetworkName = "N",
            Lanes =
            [
                new("cpu", [new(0, "0", 0, 2), new(2, "1", 3, 1) { DependsOn = [0, 1] }]),
                new("gpu", [new(1, "0", 0, 3), new(3, "2", 4, 1) { DependsOn = [2, 99] }]),
            ],
        };
        ReportPage page = new(model);
        Assert.Equal(2, page.OfClass("path", "hand-over").Count());
        Assert.Equal(2, page.OfClass("path", "last").Count());
    }

    [Fact]
    public void Hand_overs_that_are_too_many_are_counted_instead()
    {
        List<ReportStep> cpu = [], gpu = [];
        for (int i = 0; i < 400; i++)
        {
            (i % 2 == 0 ? cpu : gpu).Add(new ReportStep(i, "k", i, 1) { DependsOn = i == 0 ? [] : [i - 1] });
        }
        ReportPage page = new(new ReportModel { NetworkName = "N", Lanes = [new("cpu", cpu), new("gpu", gpu)] });
        Assert.Empty(page.OfClass("path", "hand-over"));
        Assert.Contains("399 hand-overs (predicted) are too many to draw", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Busy_and_waiting_add_up_to_the_inference()
    {
        ReportPage page = new(new ReportModel
        {
            NetworkName = "N",
            Lanes = [new("cpu", [new(0, "0", 0, 4)]), new("gpu", [new(1, "0", 0, 1), new(2, "1", 2, 2) { GatherMs = 0.3, ComputeMs = 1.7 }])],
        });
        XElement gpu = page.Section("processors")!.Descendants().Last(e => (string?)e.Attribute("data-processor") == "gpu");
        Assert.Equal(["2", "3.00", "75 %", "10 %", "25 %"], gpu.Elements().TakeLast(5).Select(e => e.Value));
    }

    [Theory]
    [InlineData(0.003)]
    [InlineData(1)]
    [InlineData(41.2)]
    [InlineData(99999)]
    public void Ticks_are_round_and_few(double end)
    {
        TimeAxis axis = new(end, 10, 100);
        double[] ticks = [.. axis.Ticks];
        Assert.InRange(ticks.Length, 4, 13);
        double mantissa = axis.StepMs / Math.Pow(10, Math.Floor(Math.Log10(axis.StepMs) + 1e-9));
        Assert.Contains(Math.Round(mantissa, 6), (double[])[1, 2, 5]);
        Assert.Equal(10, axis.X(0));
        Assert.Equal(110, axis.X(end), 1e-9);
        Assert.Equal(110, axis.X(2 * end), 1e-9);
    }

    private static void CheckLane(ReportPage page, string panel, string processor, IReadOnlyList<ReportStep> steps, double scale)
    {
        XElement lane = page.Panel(panel).Single().Elements().Single(e => (string?)e.Attribute("data-processor") == processor);
        XElement ground = ReportPage.OfClass(lane, "rect", "idle").Single();
        double left = ReportPage.Number(ground, "x"), right = left + ReportPage.Number(ground, "width");
        foreach (ReportStep step in steps)
        {
            XElement drawn = lane.Elements().Single(e => (string?)e.Attribute("data-steps") == $"{step.Id}");
            (double x, double width) = Extent(drawn, "span");
            Assert.Equal(left + step.StartMs * scale, x, 0.002);
            Assert.Equal(step.DurationMs * scale, width, 0.002);
            Assert.InRange(x + width, left, right + 0.01);
            foreach (XElement part in drawn.Elements().Where(e => e.Name.LocalName == "rect"))
            {
                Assert.InRange(ReportPage.Number(part, "x"), x - 0.01, x + width + 0.01);
                Assert.InRange(ReportPage.Number(part, "x") + ReportPage.Number(part, "width"), x - 0.01, x + width + 0.01);
                Assert.Equal((string?)ground.Attribute("y"), (string?)part.Attribute("y"));
                Assert.Equal((string?)ground.Attribute("height"), (string?)part.Attribute("height"));
            }
        }
    }

    private static (double X, double Width) Axis(ReportPage page)
    {
        XElement line = Assert.Single(page.OfClass("line", "axis"));
        double left = ReportPage.Number(line, "x1");
        return (left, ReportPage.Number(line, "x2") - left);
    }

    private static (double X, double Width) Extent(XElement step, string cssClass)
    {
        XElement rectangle = Assert.Single(ReportPage.OfClass(step, "rect", cssClass));
        return (ReportPage.Number(rectangle, "x"), ReportPage.Number(rectangle, "width"));
    }

    private static bool Close((double X, double Width) a, (double X, double Width) b) =>
        Math.Abs(a.X - b.X) < 0.01 && Math.Abs(a.Width - b.Width) < 0.01;

    private static int[] IdsIn(XElement panel) =>
        [.. ReportPage.OfClass(panel, "g", "step").Select(s => int.Parse((string)s.Attribute("data-steps")!, null)).Order()];

    private static ReportModel OneStep(ReportStep step) => new() { NetworkName = "N", Lanes = [new("cpu", [step])] };
}

using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Tandem.Cli.Reports;

namespace Tandem.Cli.Tests.Reports;

public sealed class NetworkPictureTests
{
    private const double Width = 1040;

    [Theory]
    [InlineData(5, 3)]
    [InlineData(92, 20)]
    [InlineData(450, 90)]
    public void Every_kernel_is_one_block_filled_by_its_shares(int kernels, int segments)
    {
        ReportModel model = SampleReports.TwoProcessors("N", kernels, segments, measured: true);
        XElement[] blocks = [.. new ReportPage(model).OfClass("g", "kernel")];
        Assert.Equal(model.Kernels.Select(k => $"{k.Index}"), blocks.Select(b => (string)b.Attribute("data-kernel")!));
        foreach ((XElement block, ReportKernel kernel) in blocks.Zip(model.Kernels))
        {
            XElement ground = Assert.Single(ReportPage.OfClass(block, "rect", "unassigned"));
            double height = ReportPage.Number(ground, "height"), width = ReportPage.Number(ground, "width");
            XElement[] shares = [.. ReportPage.OfClass(block, "rect", "share")];
            Assert.All(shares.Zip(kernel.Shares), p => Assert.Equal(p.Second.Fraction * height, ReportPage.Number(p.First, "height"), 0.01));
            Assert.All(shares, s => Assert.Equal(width, ReportPage.Number(s, "width"), 0.001));
            Assert.InRange(ReportPage.Number(ground, "x") + width, 1, Width + 0.01);
            Assert.Contains(kernel.Name, block.Value, StringComparison.Ordinal);
            Assert.Contains(kernel.OutputShape, block.Value, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Layout_of_any_network_has_no_overlaps_and_keeps_proportions()
    {
        var networks = ArbMap.Default.GeneratorFor<PositiveInt>().Select(n => (long)n.Get * n.Get * 1000)
            .ArrayOf().Where(a => a.Length > 0).ToArbitrary();
        Prop.ForAll(networks, macs =>
        {
            ReportKernel[] kernels = [.. macs.Select((m, i) => new ReportKernel(i, "k", "Conv", "", m, []))];
            NetworkSegment[] segments = [.. Enumerable.Range(0, (macs.Length + 2) / 3)
                .Select(s => new NetworkSegment(3 * s, Math.Min(macs.Length, 3 * s + 3)))];
            NetworkLayout layout = new(kernels, segments, Width);
            double least = layout.Blocks.Min(b => b.Width);
            (long Macs, double Width)[] scaled = [.. macs.Zip(layout.Blocks, (m, b) => (m, b.Width)).Where(p => p.Width > least * 1.0001)];
            bool inRow = layout.Blocks.All(b => b.X >= 0 && b.Width > 0 && b.X + b.Width <= Width + 1e-6);
            bool apart = layout.Blocks.Zip(layout.Blocks.Skip(1)).All(p =>
                p.Second.Row == p.First.Row ? p.Second.X >= p.First.X + p.First.Width : p.Second.Row == p.First.Row + 1 && p.Second.X == 0);
            bool proportional = scaled.All(p => Math.Abs(p.Width / p.Macs * scaled[0].Macs / scaled[0].Width - 1) < 1e-6);
            return inRow && apart && proportional;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Segments_are_the_kernels_that_the_same_steps_run()
    {
        NetworkSegments segments = new(SampleReports.ResNet());
        Assert.Equal(20, segments.All.Count);
        Assert.Equal(0, segments.All[0].Begin);
        Assert.Equal(92, segments.All[^1].End);
        Assert.All(segments.All.Zip(segments.All.Skip(1)), p => Assert.Equal(p.First.End, p.Second.Begin));
        Assert.Equal([0, 1], segments.StepsOf(0));
    }

    [Fact]
    public void Shares_that_overlap_do_not_leave_the_block()
    {
        ReportKernel kernel = new(0, "k", "Conv", "", 5, [new("cpu", 0.7), new("gpu", 0.6)]);
        XElement block = Assert.Single(new ReportPage(new ReportModel { NetworkName = "N", Kernels = [kernel] }).OfClass("g", "kernel"));
        double height = ReportPage.Number(ReportPage.OfClass(block, "rect", "unassigned").Single(), "height");
        Assert.Equal(height, ReportPage.OfClass(block, "rect", "share").Sum(s => ReportPage.Number(s, "height")), 0.01);
    }

    [Fact]
    public void Legend_tells_each_processors_share_of_the_work()
    {
        ReportKernel[] kernels =
        [
            new(0, "a", "Conv", "", 300, [new("cpu", 0.5), new("gpu", 0.5)]),
            new(1, "b", "Conv", "", 100, [new("gpu", 1)]),
        ];
        string text = new ReportPage(new ReportModel { NetworkName = "N", Kernels = kernels }).Section("network")!.Value;
        Assert.Contains("cpu: 38 % of the MACs", text, StringComparison.Ordinal);
        Assert.Contains("gpu: 63 % of the MACs", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new int[0], "")]
    [InlineData(new[] { 3 }, "3")]
    [InlineData(new[] { 14, 12, 13, 3, 13 }, "3, 12–14")]
    public void Kernel_numbers_are_told_as_ranges(int[] indices, string expected) => Assert.Equal(expected, KernelRanges.Format(indices));
}

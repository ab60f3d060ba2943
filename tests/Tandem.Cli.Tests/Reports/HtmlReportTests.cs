using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Tandem.Cli.Reports;

namespace Tandem.Cli.Tests.Reports;

public sealed partial class HtmlReportTests
{
    private const string Hostile = "</script><script>alert('x')</script> \"q\" & <b> \u0001 ]]> \uD83D\uDE00 \uD83D";

    [Fact]
    public void Render_whole_report_is_well_formed_and_has_every_part()
    {
        ReportPage page = new(SampleReports.ResNet());
        Assert.StartsWith("<!DOCTYPE html>", page.Source, StringComparison.Ordinal);
        Assert.All((string[])["policies", "network", "timeline", "processors", "steps"], id => Assert.NotNull(page.Section(id)));
    }

    [Fact]
    public void Render_needs_nothing_outside_the_file()
    {
        ReportPage page = new(SampleReports.ResNet());
        string[] addresses = [.. Address().Matches(page.Source).Select(m => m.Value)];
        Assert.Equal(["http://www.w3.org/1999/xhtml"], addresses);
        Assert.DoesNotContain(page.Root.Descendants(), e => e.Name.LocalName is "link" or "img" or "iframe" or "object" or "base");
        Assert.DoesNotContain(
            page.Root.DescendantsAndSelf().Attributes(), a => a.Name.LocalName is "src" or "href" or "srcset" or "action");
        string style = page.Root.Descendants().Single(e => e.Name.LocalName == "style").Value;
        Assert.DoesNotContain("@import", style, StringComparison.Ordinal);
        Assert.All(Url().Matches(style), m => Assert.StartsWith("url(#", m.Value, StringComparison.Ordinal));
        string script = page.Root.Descendants().Single(e => e.Name.LocalName == "script").Value;
        Assert.All((string[])["fetch", "XMLHttpRequest", "import", "WebSocket", "innerHTML", "eval"],
            word => Assert.DoesNotContain(word, script, StringComparison.Ordinal));
    }

    [Fact]
    public void Render_elements_that_html_does_not_let_be_empty_have_end_tags() => Assert.All(
        SelfClosing().Matches(HtmlReport.Render(SampleReports.ResNet())),
        m => Assert.Equal("meta", m.Groups[1].Value));

    [Fact]
    public void Render_colours_of_dark_mode_do_not_reach_paper()
    {
        string source = HtmlReport.Render(SampleReports.ResNet());
        Assert.Contains("@media screen and (prefers-color-scheme: dark)", source, StringComparison.Ordinal);
        Assert.Contains("@media print", source, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_hostile_names_stay_text_everywhere()
    {
        ReportStep step = new(0, Hostile, 0, 1) { Kernels = [0] };
        ReportPage page = new(new ReportModel
        {
            Title = Hostile,
            NetworkName = Hostile,
            Subtitle = [Hostile],
            Policies = [new ReportPolicy(Hostile, ReportPolicyKind.SingleProcessor) { MedianMs = 1 }],
            Kernels = [new ReportKernel(0, Hostile, Hostile, Hostile, 1, [new ReportShare(Hostile, 1)])],
            Lanes = [new ReportLane(Hostile, [step]) { Measured = [step], Description = Hostile, IsCpuBacked = true }],
        });
        Assert.Single(page.Root.Descendants(), e => e.Name.LocalName == "script");
        Assert.DoesNotContain(page.Root.Descendants(), e => e.Name.LocalName == "b");
        string shown = Hostile.Replace('\u0001', '\uFFFD')[..^1] + "\uFFFD";
        Assert.Contains(shown, page.Headline, StringComparison.Ordinal);
        Assert.Equal(shown, page.Root.Descendants().First(e => e.Name.LocalName == "title").Value);
        int places = Regex.Count(page.Text, Regex.Escape(shown));
        Assert.True(places >= 12, $"the name is shown {places} times");
    }

    [Fact]
    public void Render_does_not_depend_on_the_culture()
    {
        string expected = HtmlReport.Render(SampleReports.ResNet());
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            comma.NumberFormat.NegativeSign = "neg";
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(expected, HtmlReport.Render(SampleReports.ResNet()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Render_network_name_alone_gives_a_page_that_says_what_is_absent()
    {
        ReportPage page = new(new ReportModel { NetworkName = "Nothing" });
        Assert.Equal("Nothing", page.Headline);
        Assert.Contains("This network has no kernels.", page.Text, StringComparison.Ordinal);
        Assert.Contains("This plan has no steps.", page.Text, StringComparison.Ordinal);
        Assert.Null(page.Section("policies"));
        Assert.Null(page.Section("steps"));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-5)]
    [InlineData(0)]
    public void Render_senseless_numbers_never_reach_a_coordinate(double number)
    {
        ReportStep step = new(0, "0", number, number) { GatherMs = number, ComputeMs = number, ScatterMs = number, Kernels = [0] };
        ReportPage page = new(new ReportModel
        {
            NetworkName = "Odd",
            IdealMs = number,
            Policies = [new("cpu", ReportPolicyKind.Cooperative)
                { IsChosen = true, MedianMs = number, P10Ms = number, P90Ms = number, PredictedMs = number, Speedup = number, MaxRelativeError = number }],
            Kernels = [new(0, "k", "Conv", "", -1, [new("cpu", number)])],
            Lanes = [new("cpu", [step]) { Measured = [step] }],
        });
        string[] geometry = ["x", "y", "width", "height", "x1", "x2", "y1", "y2"];
        foreach (XAttribute attribute in page.Root.Descendants().Attributes().Where(a => geometry.Contains(a.Name.LocalName)))
        {
            double value = ReportPage.Number(attribute.Parent!, attribute.Name.LocalName);
            Assert.True(double.IsFinite(value) && value >= 0, $"{attribute.Parent!.Name.LocalName} {attribute}");
        }
        Assert.All(page.OfClass("path", "prediction"), p => Assert.DoesNotContain("NaN", (string)p.Attribute("d")!, StringComparison.Ordinal));
    }

    [Fact]
    public void Save_replaces_the_file_and_leaves_nothing_else()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-report-");
        try
        {
            string path = Path.Combine(folder.FullName, "report.html");
            File.WriteAllText(path, "old");
            ReportModel model = SampleReports.ResNet(measured: false);
            HtmlReport.Save(model, path);
            Assert.Equal(HtmlReport.Render(model), File.ReadAllText(path));
            Assert.Equal([path], Directory.GetFileSystemEntries(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Save_where_nothing_can_be_written_is_one_clear_line_and_leaves_nothing()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-report-");
        try
        {
            string missing = Path.Combine(folder.FullName, "absent", "report.html");
            var e = Assert.Throws<ReportException>(() => HtmlReport.Save(SampleReports.ResNet(), missing));
            Assert.Contains(missing, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
            string isFolder = folder.CreateSubdirectory("folder").FullName;
            Assert.Throws<ReportException>(() => HtmlReport.Save(SampleReports.ResNet(), isFolder));
            Assert.Equal([isFolder], Directory.GetFileSystemEntries(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex("""(?:https?:)?//[a-z][^"'\s)]*""")]
    private static partial Regex Address();

    [GeneratedRegex(@"url\([^)]*\)")]
    private static partial Regex Url();

    [GeneratedRegex("<([a-zA-Z]+)[^<>]*/>")]
    private static partial Regex SelfClosing();
}

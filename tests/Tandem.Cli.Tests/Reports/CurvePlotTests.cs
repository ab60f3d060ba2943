using System.Globalization;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Tandem.Cli.Reports;
using Tandem.Learning.Metrics;

namespace Tandem.Cli.Tests.Reports;

public sealed class CurvePlotTests
{
    private static readonly CurveChart Accuracy = new("Accuracy", "epoch", "accuracy, %",
    [
        new("training", [new(1, 40), new(2, 55), new(3, 61)]),
        new("validation <exit 1>", [new(1, 42), new(3, 59.5)]),
    ]);

    [Fact]
    public void Every_curve_has_a_line_a_key_and_its_points()
    {
        XElement figure = Drawn(Accuracy);
        Assert.Equal("Accuracy", figure.Element("figcaption")!.Value);
        Assert.Equal(["training", "validation <exit 1>"], figure.Descendants("span").Select(s => s.Value.Trim()));
        XElement[] curves = [.. figure.Descendants("g")];
        Assert.Equal(["training", "validation <exit 1>"], curves.Select(g => (string?)g.Attribute("data-curve")));
        Assert.Equal([3, 2], curves.Select(g => g.Elements("circle").Count()));
        Assert.Equal([3, 2], curves.Select(g => Places(g.Element("path")!).Length));
        Assert.Equal("training: 40 at epoch 1", curves[0].Element("circle")!.Value);
    }

    [Fact]
    public void Curves_differ_in_colour_and_dashes_and_agree_with_their_keys()
    {
        XElement figure = Drawn(Accuracy);
        string[] keys = [.. figure.Descendants("span").Descendants("path").Select(p => (string)p.Attribute("class")!)];
        string[] curves = [.. figure.Descendants("g").Select(g => (string)g.Element("path")!.Attribute("class")!)];
        Assert.Equal(["curve p0 dash0", "curve p1 dash1"], curves);
        Assert.Equal(keys, curves);
    }

    [Fact]
    public void Picture_has_a_title_and_a_summary_for_screen_readers()
    {
        XElement svg = Picture(Drawn(Accuracy));
        Assert.Equal("img", (string?)svg.Attribute("role"));
        string[] ids = ((string)svg.Attribute("aria-labelledby")!).Split(' ');
        XElement[] described = [svg.Element("title")!, svg.Element("desc")!];
        Assert.Equal(ids, described.Select(e => (string)e.Attribute("id")!));
        Assert.All(ids, id => Assert.StartsWith("plot-1", id, StringComparison.Ordinal));
        Assert.Equal("Accuracy: accuracy, % against epoch", svg.Element("title")!.Value);
        Assert.Equal(
            "training goes from 40 at epoch 1 to 61 at epoch 3; validation <exit 1> goes from 42 at epoch 1 to 59.5 at epoch 3.",
            svg.Element("desc")!.Value);
    }

    [Fact]
    public void Axes_have_names_with_units_and_round_ticks()
    {
        XElement svg = Picture(Drawn(Accuracy));
        Assert.Equal(["epoch", "accuracy, %"], svg.Elements("text").Where(t => HasClass(t, "axis-name")).Select(t => t.Value));
        Assert.Equal(["40", "45", "50", "55", "60", "65"], svg.Elements("text").Where(t => HasClass(t, "end-aligned")).Select(t => t.Value));
        Assert.Contains("3", svg.Elements("text").Where(t => HasClass(t, "tick")).Select(t => t.Value));
    }

    [Fact]
    public void Points_lie_where_the_axes_say()
    {
        XElement svg = Picture(Drawn(Accuracy));
        (double X, double Y)[] training = Places(svg.Elements("g").First().Element("path")!);
        double y40 = TickHeight(svg, "40");
        double y60 = TickHeight(svg, "60");
        Assert.Equal(y40, training[0].Y, 1e-2);
        Assert.Equal(y40 + ((y60 - y40) * 21 / 20), training[2].Y, 1e-2);
        Assert.Equal((training[0].X + training[2].X) / 2, training[1].X, 1e-2);
        Assert.True(y60 < y40);
    }

    [Fact]
    public void Value_that_is_not_finite_interrupts_the_curve()
    {
        XElement figure = Drawn(Accuracy with { Curves = [new("loss", [new(1, 1), new(2, 2), new(3, double.NaN), new(4, 1), new(5, 2)])] });
        string path = (string)figure.Descendants("g").Single().Element("path")!.Attribute("d")!;
        Assert.Equal(2, path.Count(c => c == 'M'));
        Assert.Equal(4, figure.Descendants("circle").Count());
    }

    [Fact]
    public void Long_curves_are_thinned_but_keep_their_peaks()
    {
        CurvePoint[] points = [.. Enumerable.Range(0, 50_000).Select(i => new CurvePoint(i, i % 1000 * 1e-3))];
        points[31_234] = new CurvePoint(31_234, 8);
        XElement svg = Picture(Drawn(Accuracy with { Curves = [new("loss", points)] }));
        (double X, double Y)[] places = Places(svg.Element("g")!.Element("path")!);
        Assert.InRange(places.Length, CurvePlot.Stretches, 2 * CurvePlot.Stretches);
        Assert.Equal(places.OrderBy(p => p.X), places);
        Assert.Equal(TickHeight(svg, "8"), places.Min(p => p.Y), 0.5);
        Assert.Empty(svg.Descendants("circle"));
    }

    [Fact]
    public void Every_chart_is_well_formed_and_inside_its_picture() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(-1000, 1000)).ToArbitrary(), Gen.Choose(-8, 8).ToArbitrary(), (values, power) =>
        {
            CurvePoint[] points = [.. values.Select((v, i) => new CurvePoint(i, v * Math.Pow(10, power)))];
            XElement svg = Picture(Drawn(Accuracy with { Curves = [new("c", points)] }));
            XElement[] ticks = [.. svg.Elements("text").Where(t => HasClass(t, "end-aligned"))];
            return Places(svg.Element("g")!.Element("path")!).All(p => p.X is >= 64 and <= 626 && p.Y is >= 11.9 and <= 254.1)
                && ticks.Length is >= 2 and <= 12 && ticks.Select(t => t.Value).Distinct().Count() == ticks.Length;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Style_sheet_knows_every_style_of_curves()
    {
        string css = new ReportPage(SampleReports.ResNet()).Root.Descendants().Single(e => e.Name.LocalName == "style").Value;
        Assert.All((string[])[".plot", ".curve", ".point", ".dash1", ".dash5", ".end-aligned"], rule => Assert.Contains(rule + " {", css, StringComparison.Ordinal));
    }

    private static XElement Drawn(CurveChart chart)
    {
        var page = new MarkupWriter();
        new CurvePlot(chart, "plot-1").WriteTo(page);
        return XElement.Parse(page.ToString());
    }

    private static XElement Picture(XElement figure) => figure.Elements("svg").Single();

    private static bool HasClass(XElement element, string name) => ((string)element.Attribute("class")!).Split(' ').Contains(name);

    private static double TickHeight(XElement svg, string text) =>
        ReportPage.Number(svg.Elements("text").Single(t => HasClass(t, "end-aligned") && t.Value == text), "y") - 4;

    private static (double X, double Y)[] Places(XElement path) =>
    [
        .. ((string)path.Attribute("d")!).Split(['M', 'L'], StringSplitOptions.RemoveEmptyEntries)
            .Select(p => Array.ConvertAll(p.Split(' '), v => double.Parse(v, CultureInfo.InvariantCulture))).Select(p => (p[0], p[1])),
    ];
}

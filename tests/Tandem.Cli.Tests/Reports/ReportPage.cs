using System.Globalization;
using System.Xml.Linq;
using Tandem.Cli.Reports;

namespace Tandem.Cli.Tests.Reports;

/// <summary>A rendered report, read back as XML.</summary>
internal sealed class ReportPage
{
    private static readonly XNamespace Html = "http://www.w3.org/1999/xhtml";

    public ReportPage(ReportModel model)
    {
        Source = HtmlReport.Render(model);
        Root = XDocument.Parse(Source, LoadOptions.PreserveWhitespace).Root!;
    }

    public string Source { get; }

    public XElement Root { get; }

    public string Headline => Root.Descendants(Html + "h1").Single().Value;

    /// <summary>The text of the page without scripts and styles.</summary>
    public string Text => string.Concat(Root.Descendants()
        .Where(e => e.Name.LocalName is not ("script" or "style"))
        .SelectMany(e => e.Nodes().OfType<XText>()).Select(t => t.Value + "\n"));

    public IEnumerable<XElement> Panel(string name) =>
        Root.Descendants(Html + "g").Where(e => (string?)e.Attribute("data-panel") == name);

    public static IEnumerable<XElement> OfClass(XElement within, string element, string cssClass) =>
        within.Descendants(Html + element).Where(e => Classes(e).Contains(cssClass));

    public IEnumerable<XElement> OfClass(string element, string cssClass) => OfClass(Root, element, cssClass);

    public XElement? Section(string id) => Root.Descendants(Html + "section").SingleOrDefault(e => (string?)e.Attribute("id") == id);

    public static string[] Classes(XElement element) => ((string?)element.Attribute("class") ?? "").Split(' ');

    public static double Number(XElement element, string attribute) =>
        double.Parse((string)element.Attribute(attribute)!, NumberStyles.Float, CultureInfo.InvariantCulture);
}
